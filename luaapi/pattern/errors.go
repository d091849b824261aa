package pattern

// Error is what is wrong with a pattern, in the words of PUC Lua. It is found when the matcher gets to that place, and not before.
type Error string

func (e Error) Error() string {
	return string(e)
}

// What a pattern can have wrong; ErrComplex and ErrSize are limits of ours.
const (
	ErrEscape     Error = "malformed pattern (ends with '%')"
	ErrSet        Error = "malformed pattern (missing ']')"
	ErrBalance    Error = "unbalanced pattern"
	ErrFrontier   Error = "missing '[' after '%f' in pattern"
	ErrIndex      Error = "invalid capture index"
	ErrClose      Error = "invalid pattern capture"
	ErrUnfinished Error = "unfinished capture"
	ErrCaptures   Error = "too many captures"
	ErrComplex    Error = "pattern too complex"
	ErrSize       Error = "resulting string too large"
)
