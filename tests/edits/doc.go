// Package edits has thousands of generated messages edited by package luaapi/mime/edit, and read by Python's email package: banner and footer are
// there once in every text, nowhere else, and every attachment is what it was.
package edits
