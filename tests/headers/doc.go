// Package headers compares how luamilter reads header fields with how Python's email package and codecs do, on thousands of values that
// the RFCs allow. Python is one program more that many have looked at for long; where nothing is left to choice, both must find the same.
//
//   - generate_test.go: makes values.
//   - python_test.go: asks Python, and compares.
//   - read.py: reads values with email, email.utils and Python's codecs.
package headers
