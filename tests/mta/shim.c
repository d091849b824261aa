//go:build ignore

/*
 * shim.c - lets Sendmail run for a test on a machine that is not set up for it. The line above keeps the Go tool away
 * from this file; tests/install.sh compiles it and LD_PRELOAD puts it before the C library.
 *
 *   gethostname(2)  answers $SHIM_HOST. Where the machine's own name has no dot, Sendmail would otherwise wait a
 *                   minute at every start for a better one.
 *   syslog(3)       appends to the file $SHIM_LOG. In a container nobody reads /dev/log.
 *
 * Both settings are read when the library is loaded, since Sendmail clears its environment soon after.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char host[256] = "localhost.localdomain";
static char log_file[4096];

__attribute__((constructor)) static void read_settings(void)
{
	const char *value;

	if ((value = getenv("SHIM_HOST")) != NULL)
		snprintf(host, sizeof host, "%s", value);
	if ((value = getenv("SHIM_LOG")) != NULL)
		snprintf(log_file, sizeof log_file, "%s", value);
}

int gethostname(char *name, size_t size)
{
	if (strlen(host) >= size) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(name, host);
	return 0;
}

/* One write per line, so that the lines of several processes do not mix. The file is opened anew each time because
 * Sendmail closes descriptors it does not know. */
void vsyslog(int priority, const char *format, va_list args)
{
	char line[8192];
	int start, length, file;

	(void)priority;
	start = snprintf(line, sizeof line, "%ld: ", (long)getpid());
	length = vsnprintf(line + start, sizeof line - start - 1, format, args);
	if (length < 0)
		return;
	length += start;
	if (length > (int)sizeof line - 2)
		length = sizeof line - 2;
	if (line[length - 1] != '\n')
		line[length++] = '\n';
	file = open(log_file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
	if (file < 0)
		return;
	if (write(file, line, length) < 0)
		length = 0; /* nowhere to complain */
	close(file);
}

void syslog(int priority, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsyslog(priority, format, args);
	va_end(args);
}

/* The names that a program compiled with _FORTIFY_SOURCE calls. */
void __vsyslog_chk(int priority, int flag, const char *format, va_list args)
{
	(void)flag;
	vsyslog(priority, format, args);
}

void __syslog_chk(int priority, int flag, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	__vsyslog_chk(priority, flag, format, args);
	va_end(args);
}

void openlog(const char *ident, int option, int facility)
{
	(void)ident;
	(void)option;
	(void)facility;
}

void closelog(void)
{
}
