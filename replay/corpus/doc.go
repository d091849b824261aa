// Package corpus finds stored mail: files with one message, Maildir folders, mailboxes in mbox format, and trees of all of these.
//
// What is named is taken as it is. In folders that are looked through, a file counts as mail if it begins as mail does, with a header field or
// the "From " line of an mbox; so indexes and notes between the messages do no harm. Of a Maildir, tmp is left out. Names that begin with
// a dot are taken for folders (Maildir++), but not for files.
//
// An mbox is cut before each "From " line with a time and a year that begins the file or follows an empty line. The ">" before a "From " line
// of a body goes. A line with more of them loses one too, as mboxrd means it, unless a line beside it is quoted as deeply: then it is
// part of a quotation in an mboxo, which has only lines with a bare "From " marked.
package corpus
