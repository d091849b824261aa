// Package simulate holds package simulate to a real Postfix: the same messages, through the same scripts, must be delivered alike.
package simulate
