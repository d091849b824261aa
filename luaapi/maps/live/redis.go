package live

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"luamilter/luaapi/store"
)

// keyValue is a Server that speaks the protocol of Redis: one server, sentinels or a cluster.
type keyValue struct {
	redis.UniversalClient
}

// longest is how long anything may take whose context says nothing.
const longest = 30 * time.Second

// maxParameters is how many words a command has at most.
const maxParameters = 4

// openRedis takes the URLs that store.url takes.
func openRedis(source string) (Server, error) {
	at, err := store.ParseURL(source)
	if err != nil {
		return nil, err
	}
	client, err := store.Connect(at, longest)
	if err != nil {
		return nil, err
	}
	return keyValue{client}, nil
}

// IsRedis reports whether a scheme is one of Redis.
func IsRedis(scheme string) bool { return strings.HasPrefix(scheme, "redis") }

// CheckCommand finds mistakes in the query of a Redis server: a command that only reads, with ? for the key, or one of those that are read as a
// whole.
func CheckCommand(query string, whole bool) error {
	words := strings.Fields(query)
	if len(words) < 2 || len(words) > maxParameters {
		return fmt.Errorf("the query %q is no command with its key; write %s", query, commandsFor(whole))
	}
	name := strings.ToUpper(words[0])
	want, known := map[string]int{"GET": 2, "EXISTS": 2, "HGET": 3, "HEXISTS": 3, "SISMEMBER": 3, "ZSCORE": 3}[name]
	if whole {
		want, known = 2, name == "SMEMBERS" || name == "HGETALL"
	}
	switch {
	case !known || len(words) != want:
		return fmt.Errorf("the query %q is not one that can be asked here; write %s", query, commandsFor(whole))
	case whole == strings.Contains(strings.Join(words[1:], ""), "?"):
		return fmt.Errorf("in the query %q ? stands for the key; write %s", query, commandsFor(whole))
	}
	return nil
}

func commandsFor(whole bool) string {
	if whole {
		return "SMEMBERS name or HGETALL name"
	}
	return "GET prefix:?, EXISTS prefix:?, HGET name ?, HEXISTS name ?, SISMEMBER name ? or ZSCORE name ?"
}

// Lookup implements Server.
func (s keyValue) Lookup(ctx context.Context, q Query, key string) (value string, found bool, err error) {
	var words []any
	for _, word := range strings.Fields(q.Text) {
		words = append(words, strings.ReplaceAll(word, "?", key))
	}
	reply, err := s.Do(ctx, words...).Result()
	switch reply := reply.(type) {
	case string:
		return reply, true, err
	case int64: // of those that say whether something is there
		return "", reply != 0, err
	case float64:
		return strconv.FormatFloat(reply, 'g', -1, 64), true, err
	}
	if errors.Is(err, redis.Nil) {
		return "", false, nil
	}
	if err == nil {
		err = fmt.Errorf("an answer that is no text: %T", reply)
	}
	return "", false, err
}

// page is how many elements are asked for at a time, so that the server is not kept busy by one large set.
const page = 1000

// All implements Server. What is added or deleted meanwhile may or may not be given; some may be given twice.
func (s keyValue) All(ctx context.Context, q Query, add func(key, value string) error) error {
	words := strings.Fields(q.Text)
	scan, step := s.SScan, 1
	if strings.EqualFold(words[0], "HGETALL") {
		scan, step = s.HScan, 2
	}
	for cursor := uint64(0); ; {
		elements, next, err := scan(ctx, words[1], cursor, "", page).Result()
		if err != nil {
			return err
		}
		for i := 0; i+step <= len(elements); i += step {
			value := ""
			if step == 2 {
				value = elements[i+1]
			}
			if err := add(elements[i], value); err != nil {
				return fmt.Errorf("element %q: %w", elements[i], err)
			}
		}
		if next == 0 {
			return nil
		}
		cursor = next
	}
}
