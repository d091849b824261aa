package lint

import "testing"

func TestNearest(t *testing.T) {
	api := testAPI()
	names := append(append(append([]string{}, api.Actions...), api.Methods...), api.Globals...)
	tests := []struct {
		name  string
		known []string
		want  string
	}{
		{"recpt", api.Hooks, "rcpt"}, {"rpct", api.Hooks, "rcpt"}, {"on_mail", api.Hooks, "mail"},
		{"mail_hook", api.Hooks, "mail"}, {"onConnect", api.Hooks, "connect"}, {"Header", api.Hooks, "header"},
		{"headers", api.Hooks, "header"}, {"xxfi_eom", api.Hooks, "eom"}, {"conect", api.Hooks, "connect"},
		{"negociate", api.Hooks, "negotiate"}, {"clsoe", api.Hooks, "close"}, {"rcpt", api.Hooks, "rcpt"},
		{"is_spam", api.Hooks, ""}, {"lookup", api.Hooks, ""}, {"", api.Hooks, ""}, {"x", api.Hooks, ""},
		{"addheader", names, "add_header"}, {"add_haeder", names, "add_header"}, {"retrun", names, ""},
		{"tmepfail", names, "tempfail"}, {"quaranteen", names, "quarantine"}, {"to_string", names, "tostring"},
		{"recip", names, "recipients"}, {"x", nil, ""},
	}
	for _, tt := range tests {
		if got := Nearest(tt.name, tt.known); got != tt.want {
			t.Errorf("Nearest(%q) = %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestSynonyms(t *testing.T) {
	for name, want := range map[string]string{
		"envfrom": "mail", "mlfi_envrcpt": "rcpt", "endofheaders": "eoh", "end_of_message": "eom",
		"sender": "mail", "recipient": "rcpt", "disconnect": "close", "on_ehlo": "helo", "check": "",
	} {
		if got, _ := synonym(name); got != want {
			t.Errorf("synonym(%q) = %q, want %q", name, got, want)
		}
	}
}
