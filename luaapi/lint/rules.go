package lint

// rule is a kind of finding.
type rule int

// The rules, in the order of docs/check.md.
const (
	unknownHook rule = iota
	hookIsNoFunction
	localHook
	lateHook
	hookTwice
	extraParameter
	parameterOrder

	unknownGlobal
	undeclaredGlobal
	replacedBuiltin
	unknownModule
	notConfigured
	unknownFunction
	unknownMethod
	unknownField
	dotForColon
	colonForDot
	readOnly

	argumentCount
	argumentType
	formatArguments
	headerName
	indexZero
	missingPairs

	actionOutsideEom
	tooEarly
	notVerdict
	unusedVerdict
	badReply
	extraResult
	nobodyWaits
	misplacedSkip
	misplacedDiscard

	unusedResult
	unreachable
	wrongComparison
	neverNil
	headerCase
	neverEqual
	notPrecedence
	orPrecedence

	malformedPattern
	magicCharacter
	emptyMatch
	slowPattern
	missingCapture

	fileState
	resettingCounter
	collectedBody
	tableInLoop

	unknownRule
	numRules
)

// Rule is a kind of finding, for those who show the list of them.
type Rule struct {
	Name     string // stable: comments in scripts and other programs use it
	Severity Severity
	Summary  string // one sentence
}

// rules has the rules by number.
var rules = [numRules]Rule{
	unknownHook:      {"unknown-hook", Error, "A function at file level has nearly the name of a hook, and nobody calls it."},
	hookIsNoFunction: {"hook-is-no-function", Error, "The name of a hook is given something that cannot be called."},
	localHook:        {"local-hook", Error, "A hook is local, so it is never called."},
	lateHook:         {"late-hook", Warning, "A hook is set inside a function, after hooks were looked up."},
	hookTwice:        {"hook-twice", Warning, "A hook is defined a second time; the first is lost."},
	extraParameter:   {"extra-parameter", Warning, "A hook has a parameter that it is never given."},
	parameterOrder:   {"parameter-order", Warning, "A hook's parameters are not in the order in which it is given them."},

	unknownGlobal:    {"unknown-global", Error, "A name is neither a variable nor a function here."},
	undeclaredGlobal: {"undeclared-global", Error, "A function assigns to a global that the file did not declare."},
	replacedBuiltin:  {"replaced-builtin", Warning, "A function assigns to a global of Lua or luamilter."},
	unknownModule:    {"unknown-module", Error, "A module that is required does not exist."},
	notConfigured:    {"not-configured", Error, "A module or a function is used that has nobody to ask, because the configuration does not say whom."},
	unknownFunction:  {"unknown-function", Error, "A library or module has no function of that name."},
	unknownMethod:    {"unknown-method", Error, "An object has no method of that name."},
	unknownField:     {"unknown-field", Warning, "An object has no field of that name, or conn has a key that nobody sets."},
	dotForColon:      {"dot-for-colon", Error, "A method is called with a dot."},
	colonForDot:      {"colon-for-dot", Error, "A function of a library is called with a colon."},
	readOnly:         {"read-only", Error, "A field is assigned to that cannot be changed."},

	argumentCount:   {"argument-count", Error, "A call has too few arguments, or more than the function looks at."},
	argumentType:    {"argument-type", Error, "An argument is of a type that the function does not take."},
	formatArguments: {"format-arguments", Error, "string.format is given fewer values than its layout shows, or a layout that it does not know."},
	headerName:      {"header-name", Error, "A header name is written with its colon, or has characters that no header name has."},
	indexZero:       {"index-zero", Error, "Something is counted from 0 that is counted from 1."},
	missingPairs:    {"missing-pairs", Error, "A for loop goes over a table without ipairs or pairs."},

	actionOutsideEom: {"action-outside-eom", Error, "A hook changes the message before it is complete."},
	tooEarly:         {"too-early", Warning, "A hook reads what the MTA tells later."},
	notVerdict:       {"not-a-verdict", Error, "A hook returns something that is no verdict."},
	unusedVerdict:    {"unused-verdict", Error, "A verdict is made but not returned."},
	badReply:         {"bad-reply", Error, "A reply has a code, status or text that no MTA takes."},
	extraResult:      {"extra-result", Warning, "A hook returns more than a verdict."},
	nobodyWaits:      {"nobody-waits", Error, "A hook returns a verdict where nobody waits for one."},
	misplacedSkip:    {"misplaced-skip", Error, "skip is used outside body."},
	misplacedDiscard: {"misplaced-discard", Error, "discard is used where there is no message to discard."},

	unusedResult:    {"unused-result", Warning, "A function is called that does nothing but return a value, and the value is not used."},
	unreachable:     {"unreachable", Warning, "A statement is never reached."},
	wrongComparison: {"wrong-comparison", Warning, "Two values are compared that are never of the same type."},
	neverNil:        {"never-nil", Warning, "A value is tested for nil that is an empty string instead."},
	headerCase:      {"header-case", Warning, "A header name is compared in small letters, but comes as the sender wrote it."},
	neverEqual:      {"never-equal", Warning, "A text in small letters is compared with one that has capital letters, or the reverse."},
	notPrecedence:   {"not-precedence", Warning, "not a == b is (not a) == b."},
	orPrecedence:    {"or-precedence", Warning, "a == b or \"c\" is always true."},

	malformedPattern: {"malformed-pattern", Error, "A pattern is malformed."},
	magicCharacter:   {"magic-character", Warning, "A pattern looks like a plain text, but some of its characters mean something else."},
	emptyMatch:       {"empty-match", Warning, "A pattern ends in a repetition that always matches nothing."},
	slowPattern:      {"slow-pattern", Warning, "A pattern has repetitions side by side that match the same characters."},

	missingCapture: {"missing-capture", Error, "The replacement of a gsub asks for a capture that the pattern does not have."},

	fileState:        {"file-state", Warning, "A hook or a timer keeps something in a variable of the file, which belongs to one of several VMs."},
	resettingCounter: {"resetting-counter", Warning, "A counter in mail starts anew with each message."},
	collectedBody:    {"collected-body", Warning, "A body hook joins all chunks, copying what it has each time."},
	tableInLoop:      {"table-in-loop", Warning, "A loop asks for a list in each round that is made anew each time."},

	unknownRule: {"unknown-rule", Warning, "A comment silences a finding that does not exist."},
}

// Rules returns what Check can find, in the order of docs/check.md.
func Rules() []Rule { return append([]Rule(nil), rules[:]...) }

// ruleNames are the names of all rules.
func ruleNames() []string {
	var names []string
	for _, r := range rules {
		names = append(names, r.Name)
	}
	return names
}
