package lua_test

import "regexp"

// difference is something that differs from lua5.1 on purpose.
type difference struct {
	reason string
	code   string // a regular expression that fits the case
	theirs string // and one that fits what lua5.1 answers
	ours   string // and what luamilter answers
}

var differences = []difference{
	{"Of several arguments that are wrong, the first is named. In lua5.1 it is the last, in some functions.",
		`math\.|difftime`, `bad argument #2`, `bad argument #1`},
	{"The metatable of strings is hidden.",
		`getmetatable\(`, ``, `^ok 'string'$`},
	{"next does not notice a key that the table never had.",
		`next\(`, `invalid key to 'next'`, ``},
	{"Positions are not wrapped around at 32 bits, nor infinity to 0.",
		`(select|difftime|error|ldexp)\(.*(1/0|0/0|1e15|1e300|2\^53|-2\^31)`, ``, ``},
	{"If the handler of xpcall fails, its error is given. lua5.1 says \"error in error handling\".",
		`xpcall`, `error in error handling`, ``},
	{"assert raises any value. lua5.1 refuses what is no string.",
		`assert`, `bad argument #2 to 'assert'`, ``},
	{"Arithmetic gives 0 where it should be -0.",
		` [*/^] `, `^ok -0$`, `^ok 0$`},
	{"The 14th digit of a sine of a large number may be another.",
		`math\.sin\(2\^53`, `-0\.8489259648146`, `-0\.8489259648146`},
	{"The words inf and nan are no numbers.",
		`"(inf|nan)"`, `inf|nan`, ``},
	{"a % b is exact where lua5.1 rounds: for fractions, infinity and beyond 2^53.",
		`= .*(\.\d|1/0|1e|2\^53).* return a % b`, `^ok`, `^ok`},
	{"# asks __len of tables too, as later Luas do.",
		`#setmetatable.*__len`, ``, ``},
	{"Semicolons alone are statements, as in later Luas.",
		`^;;$`, `^syntax$`, `^ok$`},
	{"A comparison that contradicts itself gives some order. lua5.1 gives another, or \"invalid order function for sorting\".",
		`sort`, ``, `^ok`},
}

var place = regexp.MustCompile(`c:\d+: `)

// intended returns which difference explains a case, -1 if none does.
func intended(code, theirs, ours string) int {
	fits := func(re, s string) bool { return re == "" || regexp.MustCompile(re).MatchString(s) }
	for i, d := range differences {
		if fits(d.code, code) && fits(d.theirs, theirs) && fits(d.ours, ours) {
			return i
		}
	}
	return -1
}

// placed reports whether luamilter only says where an error was raised and in which function, and lua5.1 does not: where its core raised
// it, or pcall called a library function.
func placed(theirs, ours string) bool {
	name := regexp.MustCompile(`to '\w+' \(`)
	return !place.MatchString(theirs) && place.ReplaceAllString(name.ReplaceAllString(ours, "to '?' ("), "") == name.ReplaceAllString(theirs, "to '?' (")
}
