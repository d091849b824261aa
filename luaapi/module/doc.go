// Package module finds the files behind require "name": what a name may be, which file it means, and how that file is read without
// leaving the folder of the script. It knows nothing of Lua.
package module
