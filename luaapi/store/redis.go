package store

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"github.com/sony/gobreaker/v2"
)

// Redis is a store in a Redis or Valkey server, which several machines can share. A server that does not answer is left alone for a while,
// so that an outage costs a few time-outs and not one for each message.
type Redis struct {
	// Now tells the time; it is set before the first use, by those that have a time of their own.
	Now func() time.Time

	name    string // the URL without password
	client  redis.UniversalClient
	timeout time.Duration
	breaker *gobreaker.CircuitBreaker[[]string]
	scripts sync.Map // *redis.Script by *Decision
}

// What is done about a server that does not answer.
const (
	patience = 3               // so many failures one after the other
	leftTime = 5 * time.Second // and it is not asked for so long
)

// prefix keeps luamilter's keys apart from others' in the same database.
const prefix = "luamilter:"

// OpenRedis returns a store in the server or servers at a location. It does not wait for them: they may come later. No step takes longer than
// timeout.
func OpenRedis(l Location, timeout time.Duration) (*Redis, error) {
	client, err := Connect(l, timeout)
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", l, err)
	}
	r := &Redis{Now: time.Now, name: l.String(), client: client, timeout: timeout}
	r.breaker = gobreaker.NewCircuitBreaker[[]string](gobreaker.Settings{
		Timeout:      leftTime,
		ReadyToTrip:  func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= patience },
		IsSuccessful: isAnswer,
		IsExcluded:   func(err error) bool { return errors.Is(err, context.Canceled) },
	})
	return r, nil
}

// Connect returns a client of the server or servers at a location, which connects when it is first asked. Nothing is sent twice, and nothing takes
// longer than timeout or its context.
func Connect(l Location, timeout time.Duration) (redis.UniversalClient, error) {
	options := &redis.UniversalOptions{
		Addrs: l.Servers, MasterName: l.Master, DB: l.Database, IsClusterMode: l.Kind == KindCluster,
		Username: l.User, Password: l.Password, SentinelUsername: l.User, SentinelPassword: l.Password,
		Protocol: 2, DisableIdentity: true, MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
		ContextTimeoutEnabled: true, DialTimeout: timeout, ReadTimeout: timeout, WriteTimeout: timeout, PoolTimeout: timeout,
		DialerRetries: 1, MaxRetries: -1, // a step that was sent twice may be done twice
	}
	if l.TLS {
		trusted, err := authorities(l.CA)
		if err != nil {
			return nil, err
		}
		options.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: trusted}
	}
	redis.SetLogger(silence{}) // the library's own setting, for all clients together: it would write to stderr what the errors say as well
	return redis.NewUniversalClient(options), nil
}

// silence is a log that nobody reads.
type silence struct{}

func (silence) Printf(context.Context, string, ...any) {}

// authorities reads the certificates that TLS trusts; nil for the system's.
func authorities(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s has no certificate in PEM", file)
	}
	return pool, nil
}

// isAnswer reports whether the server did answer, be it with an error.
func isAnswer(err error) bool {
	var answer redis.Error
	return err == nil || errors.As(err, &answer)
}

// Local implements Store.
func (r *Redis) Local() bool { return false }

// Close implements Store.
func (r *Redis) Close() error {
	if err := r.client.Close(); err != nil {
		return fmt.Errorf("close store %s: %w", r.name, err)
	}
	return nil
}

// Get implements Store.
func (r *Redis) Get(ctx context.Context, key string) (value string, found bool, err error) {
	reply, err := r.ask(ctx, func(ctx context.Context) ([]string, error) {
		value, err := r.client.Get(ctx, prefix+key).Result()
		if errors.Is(err, redis.Nil) {
			return nil, nil
		}
		return []string{value}, err
	})
	if err != nil || len(reply) == 0 {
		return "", false, err
	}
	return reply[0], true, nil
}

// Decide implements Store.
func (r *Redis) Decide(ctx context.Context, d *Decision, key string, args ...string) (reply []string, err error) {
	script, ok := r.scripts.Load(d)
	if !ok {
		script, _ = r.scripts.LoadOrStore(d, redis.NewScript(d.Redis))
	}
	argv := make([]any, 0, len(args)+1)
	argv = append(argv, r.Now().UnixMicro())
	for _, a := range args {
		argv = append(argv, a)
	}
	return r.ask(ctx, func(ctx context.Context) ([]string, error) {
		return script.(*redis.Script).Run(ctx, r.client, []string{prefix + key}, argv...).StringSlice()
	})
}

// ask asks the server, unless it is left alone.
func (r *Redis) ask(ctx context.Context, ask func(context.Context) ([]string, error)) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	reply, err := r.breaker.Execute(func() ([]string, error) { return ask(ctx) })
	switch {
	case err == nil:
		return reply, nil
	case errors.Is(err, gobreaker.ErrOpenState), errors.Is(err, gobreaker.ErrTooManyRequests):
		return nil, fmt.Errorf("store %s: it did not answer lately, and is asked again within %s", r.name, leftTime)
	case isTimeout(err):
		err = fmt.Errorf("no answer within %s (store.timeout)", r.timeout)
	}
	return nil, fmt.Errorf("store %s: %w%s", r.name, err, adviceOn(err))
}

// isTimeout reports whether the time was up, of which there are several signs.
func isTimeout(err error) bool {
	var sign net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &sign) && sign.Timeout()
}

// adviceOn says what to do about what a server says.
func adviceOn(err error) string {
	switch {
	case redis.HasErrorPrefix(err, "NOAUTH"), redis.HasErrorPrefix(err, "WRONGPASS"), redis.HasErrorPrefix(err, "ERR AUTH"):
		return "; give store.url a user and a password as redis://user:password@host"
	case redis.HasErrorPrefix(err, "NOPERM"):
		return "; allow the user GET, EVALSHA, EVAL and the commands of strings, sets and hashes on luamilter:*"
	case redis.HasErrorPrefix(err, "OOM"):
		return "; raise the server's maxmemory, or let it evict with maxmemory-policy"
	case redis.HasErrorPrefix(err, "READONLY"):
		return "; this is a replica: name the master, or the sentinels"
	}
	return ""
}
