package config

import "testing"

// FuzzLoad: no file makes parse panic, and what it takes prints as something that means the same.
func FuzzLoad(f *testing.F) {
	for _, text := range []string{
		"",
		"listen = [\"inet:8891@127.0.0.1\"]\nscripts = ['*.lua']\n[limits]\nmemory = '1GiB'\ncommand_time = '1d2h'",
		"[listener.out]\nlisten = ['/run/s?mode=0600']\nscripts = []\n[script.'a.b']\nx = {y = [1, 2.5, nan, {}]}\n[[script.c.d]]\ne = '''\nf'''",
		"reload = {canary = '10%', poll = 0}\nstore.url = 'redis://h'\n[admin]\nlisten = ''",
		"drain = 1979-05-27T07:32:00Z",
		"[log\nlevel",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := parse("fuzz.toml", "/fuzz", text)
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without words")
			}
			return
		}
		c.Warnings()
		if got, want := values(t, again(t, c)), values(t, c); got != want {
			t.Errorf("got\n%s, want\n%s", got, want)
		}
	})
}
