package store_test

import (
	"reflect"
	"strings"
	"testing"

	"luamilter/luaapi/store"
)

func TestParseURL(t *testing.T) {
	for _, test := range []struct {
		url, shown string
		want       store.Location
	}{
		{"memory:", "memory:", store.Location{}},
		{"file:/var/lib/luamilter/state.db", "file:/var/lib/luamilter/state.db", store.Location{Kind: store.KindFile, Path: "/var/lib/luamilter/state.db"}},
		{"redis://192.0.2.1", "redis://192.0.2.1:6379/0", store.Location{Kind: store.KindRedis, Servers: []string{"192.0.2.1:6379"}}},
		{"redis://[2001:db8::1]:7000/2", "redis://[2001:db8::1]:7000/2", store.Location{Kind: store.KindRedis, Servers: []string{"[2001:db8::1]:7000"}, Database: 2}},
		{"redis://[2001:db8::1]", "redis://[2001:db8::1]:6379/0", store.Location{Kind: store.KindRedis, Servers: []string{"[2001:db8::1]:6379"}}},
		{"redis://:a%40b/c@store.example.com", "redis://store.example.com:6379/0", store.Location{Kind: store.KindRedis, Servers: []string{"store.example.com:6379"}, Password: "a@b/c"}},
		{"rediss://u:p@store.example.com/?ca=/etc/ssl/own.pem", "rediss://store.example.com:6379/0",
			store.Location{Kind: store.KindRedis, TLS: true, Servers: []string{"store.example.com:6379"}, User: "u", Password: "p", CA: "/etc/ssl/own.pem"}},
		{"redis+sentinel://a.example.com,b.example.com:7/mail/1", "redis+sentinel://a.example.com:26379,b.example.com:7/mail/1",
			store.Location{Kind: store.KindSentinel, Servers: []string{"a.example.com:26379", "b.example.com:7"}, Master: "mail", Database: 1}},
		{"rediss+cluster://a.example.com,b.example.com", "rediss+cluster://a.example.com:6379,b.example.com:6379",
			store.Location{Kind: store.KindCluster, TLS: true, Servers: []string{"a.example.com:6379", "b.example.com:6379"}}},
	} {
		t.Run(test.url, func(t *testing.T) {
			got, err := store.ParseURL(test.url)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("%+v, want %+v", got, test.want)
			}
			if got.String() != test.shown {
				t.Errorf("it shows as %s, want %s", got, test.shown)
			}
		})
	}
}

func TestParseURLErrors(t *testing.T) {
	for _, test := range []struct{ url, want string }{
		{"", "is no URL; write memory:"},
		{"memory:x", "write memory: and nothing after it"},
		{"file:state.db", "wants the absolute path of a file"},
		{"file:/var/lib/", "wants the absolute path of a file"},
		{"redsi://h", `"redsi" is no kind of store, did you mean redis:?`},
		{"mysql://h", `"mysql" is no kind of store; write memory:`},
		{"redis:h", "has no // behind its scheme"},
		{"redis://:secret@/2", "has no host that can be read"},
		{"redis://h:0", "has no host that can be read"},
		{"redis://h/two", `has "two" where the number of a database belongs`},
		{"redis://a,b", "has several hosts; write redis+sentinel: or redis+cluster:"},
		{"redis://u:100%@h", "write %25 for it"},
		{"redis+sentinel://h", "has no name of a master"},
		{"redis+cluster://h/1", "a cluster has only 0"},
		{"redis://h?db=1", "has ?db=, which is unknown; there is ?ca=/path"},
		{"redis://h?ca=/x", "has ?ca= but no TLS; write rediss"},
		{"rediss://h?ca=x", "which is no absolute path"},
	} {
		t.Run(test.url, func(t *testing.T) {
			_, err := store.ParseURL(test.url)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("the error is: %v", err)
			}
		})
	}
}
