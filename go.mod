module luamilter

go 1.25.0

require (
	github.com/alecthomas/kong v1.17.0
	github.com/landlock-lsm/go-landlock v0.10.1
	github.com/mattn/go-isatty v0.0.20
	github.com/pelletier/go-toml/v2 v2.4.3
	github.com/rs/zerolog v1.35.1
	github.com/yuin/gopher-lua v1.1.2
	go.uber.org/goleak v1.3.0
	golang.org/x/sys v0.40.0
	layeh.com/gopher-luar v1.0.11
)

require (
	github.com/mattn/go-colorable v0.1.14 // indirect
	kernel.org/pub/linux/libs/security/libcap/psx v1.2.77 // indirect
)
