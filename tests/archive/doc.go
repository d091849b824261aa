// Package archive holds tests that compare what luaapi/archive lists with what the programs list that made the archives: zip and unzip,
// 7z, tar and bsdtar, and those that compress single files.
//
// make_test.go has the files that go into archives and runs programs. list_test.go has the cases and the comparisons. Nothing here makes a
// rar, for there is no free program that does: luaapi/archive/testdata has some, made by its tests, which bsdtar reads here.
package archive
