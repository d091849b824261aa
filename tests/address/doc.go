// Package address compares how luamilter reads lists of addresses with how Python's email package does, on thousands of lists that RFC 5322
// allows. Python is one program more that many have looked at for long; where the RFC leaves no choice, both must find the same.
//
//   - generate_test.go: makes lists.
//   - python_test.go: asks Python, and compares.
//   - read.py: reads lists with email.headerregistry and email.utils.
package address
