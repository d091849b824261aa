package engine

import (
	"net/http"

	"luamilter/luaapi"
	"luamilter/luaapi/clamav"
	"luamilter/luaapi/web"
)

// exampleServices are what the examples of the reference ask.
func exampleServices() *luaapi.Services {
	answers := web.NewFake()
	reputation := web.Response{Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: `{"score": 7}`}
	answers.Answer("https://reputation.example.com/ip/192.0.2.1", reputation)
	answers.Answer("https://api.example.com/check", web.Response{Status: 200, Body: "fine"})
	answers.Answer("https://api.example.com/seen/4F1A2B", web.Response{Status: 204})
	return &luaapi.Services{HTTP: answers, ClamAV: clamav.NewFake()}
}
