package mail

import (
	"strings"
	"testing"
)

func TestCheckParams(t *testing.T) {
	for _, p := range []string{"", "SIZE=123", "SMTPUTF8", "RET=HDRS ENVID=a+20b", "  RET=FULL  ", "NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;a@b", "8BITMIME", "X-a=b=c", "AUTH=<>"} {
		if err := CheckParams(p); err != nil {
			t.Error(err)
		}
	}
	for _, p := range []string{"=", "=x", "RET=", "-A=b", "A_B=c", "A=b\tc", "A=b\r\nRCPT", "A=\x00", "ENVID=ö", "ö", "a,b", strings.Repeat("A=b ", 1000)} {
		if CheckParams(p) == nil {
			t.Errorf("%q are taken for parameters", p)
		}
	}
	for _, p := range []string{"", " ", "A B", "A=b c", strings.Repeat("A", 3000)} {
		if CheckParam(p) == nil {
			t.Errorf("%q is taken for a parameter", p)
		}
	}
}
