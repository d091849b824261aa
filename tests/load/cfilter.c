//go:build ignore

/*
 * cfilter.c - the four workloads as a filter in C with libmilter, to compare with. The line above keeps the Go tool away
 * from this file; the load program compiles it.
 *
 *   cfilter inet:PORT@127.0.0.1|unix:/path w1|w2|w3|w4
 *
 * It asks the MTA for no more than its workload needs, as a good filter does.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libmilter/mfapi.h>

#define TOKEN "EICAR-TEST"
#define TOKEN_LEN (sizeof TOKEN - 1)
#define KEEP (TOKEN_LEN - 1)

enum work { RECIPIENTS = 1, HEADERS, BODY, EVERYTHING };

static enum work work;

/* What is known of the message that a connection is at. */
struct message {
    unsigned long count; /* of recipients, fields or events */
    unsigned long size;  /* of the body */
    int found;           /* the word or the token */
    char tail[KEEP];     /* the end of the body so far */
    size_t tail_len;
};

/* message_of returns the data of a connection, NULL when there is no memory for it. */
static struct message *message_of(SMFICTX *ctx)
{
    struct message *m = smfi_getpriv(ctx);

    if (m == NULL && (m = calloc(1, sizeof *m)) != NULL)
        smfi_setpriv(ctx, m);
    return m;
}

static void forget(SMFICTX *ctx)
{
    struct message *m = smfi_getpriv(ctx);

    if (m != NULL)
        memset(m, 0, sizeof *m);
}

/* count notes one more of what is counted, and answers if the MTA waits. */
static sfsistat count(SMFICTX *ctx)
{
    struct message *m = message_of(ctx);

    if (m == NULL)
        return SMFIS_TEMPFAIL;
    m->count++;
    return work == EVERYTHING ? SMFIS_CONTINUE : SMFIS_NOREPLY;
}

static sfsistat on_connect(SMFICTX *ctx, char *host, _SOCK_ADDR *address)
{
    (void)ctx, (void)host, (void)address;
    return SMFIS_CONTINUE;
}

static sfsistat on_helo(SMFICTX *ctx, char *name)
{
    (void)ctx, (void)name;
    return SMFIS_CONTINUE;
}

static sfsistat on_address(SMFICTX *ctx, char **arguments)
{
    (void)arguments;
    return count(ctx);
}

static sfsistat on_header(SMFICTX *ctx, char *name, char *value)
{
    struct message *m = message_of(ctx);

    if (work == HEADERS && m != NULL && strcasecmp(name, "subject") == 0 && strcasestr(value, "viagra") != NULL)
        m->found = 1;
    return count(ctx);
}

/* search looks for the token in a chunk and where it meets the chunk before. */
static void search(struct message *m, const char *chunk, size_t len)
{
    char border[2 * KEEP];
    size_t head = len < KEEP ? len : KEEP, both = m->tail_len + head, rest;

    memcpy(border, m->tail, m->tail_len);
    memcpy(border + m->tail_len, chunk, head);
    m->found = memmem(border, both, TOKEN, TOKEN_LEN) != NULL || memmem(chunk, len, TOKEN, TOKEN_LEN) != NULL;
    if (len >= KEEP) {
        memcpy(m->tail, chunk + len - KEEP, KEEP);
        m->tail_len = KEEP;
    } else {
        rest = both < KEEP ? both : KEEP;
        memcpy(m->tail, border + both - rest, rest);
        m->tail_len = rest;
    }
}

static sfsistat on_body(SMFICTX *ctx, unsigned char *chunk, size_t len)
{
    struct message *m = message_of(ctx);

    if (work == BODY && m != NULL) {
        m->size += len;
        if (!m->found)
            search(m, (const char *)chunk, len);
    }
    return count(ctx);
}

static sfsistat on_eom(SMFICTX *ctx)
{
    static char *names[] = { "", "X-Rcpt-Count", "X-Header-Count", "X-Body-Bytes", "X-Events" };
    struct message *m = message_of(ctx);
    sfsistat verdict = SMFIS_CONTINUE;
    char value[24];

    if (m == NULL)
        return SMFIS_TEMPFAIL;
    snprintf(value, sizeof value, "%lu", work == BODY ? m->size : m->count + (work == EVERYTHING));
    if (work == BODY && m->found) {
        smfi_setreply(ctx, "550", "5.7.1", "the test token is in the body");
        verdict = SMFIS_REJECT;
    } else if (smfi_addheader(ctx, names[work], value) != MI_SUCCESS) {
        verdict = SMFIS_TEMPFAIL;
    } else if (work == HEADERS && m->found) {
        smfi_addheader(ctx, "X-Match", "yes");
    }
    forget(ctx);
    return verdict;
}

static sfsistat on_abort(SMFICTX *ctx)
{
    forget(ctx);
    return SMFIS_CONTINUE;
}

static sfsistat on_close(SMFICTX *ctx)
{
    free(smfi_getpriv(ctx));
    smfi_setpriv(ctx, NULL);
    return SMFIS_CONTINUE;
}

/* on_negotiate leaves out what the workload does not look at, and the replies that say nothing. */
static sfsistat on_negotiate(SMFICTX *ctx, unsigned long actions, unsigned long steps, unsigned long offered2, unsigned long offered3,
                             unsigned long *want_actions, unsigned long *want_steps, unsigned long *want2, unsigned long *want3)
{
    unsigned long none = SMFIP_NOCONNECT | SMFIP_NOHELO | SMFIP_NOMAIL | SMFIP_NORCPT | SMFIP_NODATA | SMFIP_NOHDRS | SMFIP_NOEOH | SMFIP_NOBODY | SMFIP_NOUNKNOWN;

    (void)ctx, (void)actions, (void)offered2, (void)offered3;
    switch (work) {
    case RECIPIENTS:
        none = (none & ~SMFIP_NORCPT) | SMFIP_NR_RCPT;
        break;
    case HEADERS:
        none = (none & ~SMFIP_NOHDRS) | SMFIP_NR_HDR;
        break;
    case BODY:
        none = (none & ~SMFIP_NOBODY) | SMFIP_NR_BODY;
        break;
    case EVERYTHING:
        none = SMFIP_NOUNKNOWN;
    }
    *want_actions = SMFIF_ADDHDRS;
    *want_steps = none & steps;
    *want2 = *want3 = 0;
    return SMFIS_CONTINUE;
}

int main(int argc, char **argv)
{
    struct smfiDesc filter = {
        .xxfi_name = "cfilter", .xxfi_version = SMFI_VERSION, .xxfi_flags = SMFIF_ADDHDRS, .xxfi_negotiate = on_negotiate,
        .xxfi_eom = on_eom, .xxfi_abort = on_abort, .xxfi_close = on_close,
    };

    if (argc != 3 || argv[2][0] != 'w' || argv[2][1] < '1' || argv[2][1] > '4') {
        fputs("usage: cfilter inet:PORT@HOST|unix:/path w1|w2|w3|w4\n", stderr);
        return 2;
    }
    work = argv[2][1] - '0';
    if (work == RECIPIENTS || work == EVERYTHING)
        filter.xxfi_envrcpt = on_address;
    if (work == HEADERS || work == EVERYTHING)
        filter.xxfi_header = on_header;
    if (work == BODY || work == EVERYTHING)
        filter.xxfi_body = on_body;
    if (work == EVERYTHING) {
        filter.xxfi_connect = on_connect;
        filter.xxfi_helo = on_helo;
        filter.xxfi_envfrom = on_address;
        filter.xxfi_data = count;
        filter.xxfi_eoh = count;
    }
    smfi_setbacklog(1024);
    if (smfi_setconn(argv[1]) != MI_SUCCESS || smfi_register(filter) != MI_SUCCESS || smfi_opensocket(1) != MI_SUCCESS) {
        fprintf(stderr, "cfilter: cannot listen on %s\n", argv[1]);
        return 1;
    }
    return smfi_main() == MI_SUCCESS ? 0 : 1;
}
