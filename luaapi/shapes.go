package luaapi

// The records that functions give and take. They are tables, or values with fields.

var tlsModule = Module{
	"tls", Record, "What `conn.tls` is: texts that may be empty.",
	[]Property{
		{"version", "string", "The protocol, such as `TLSv1.3`.", "macro {tls_version}"},
		{"cipher", "string", "The cipher suite.", "macro {cipher}"},
		{"bits", "string", "The bits of its key.", "macro {cipher_bits}"},
		{"subject", "string", "The subject of the client's certificate.", "macro {cert_subject}"},
		{"issuer", "string", "Who issued the client's certificate.", "macro {cert_issuer}"},
	}, nil,
}

var authModule = Module{
	"auth", Record, "What `conn.auth` is: texts that may be empty.",
	[]Property{
		{"user", "string", "Who logged in.", "macro {auth_authen}"},
		{"type", "string", "By which mechanism, such as `PLAIN`.", "macro {auth_type}"},
		{"author", "string", "On whose behalf the client sends.", "macro {auth_author}; RFC 4954"},
	}, nil,
}

var rejectedModule = Module{
	"rejected", Record, "What `conn.rejected` is.",
	[]Property{
		{"status", "string", "The enhanced status code that the MTA gave, such as `5.1.1`.", "macro {rcpt_host}"},
		{"text", "string", "What the MTA said.", "macro {rcpt_addr}"},
	}, nil,
}

var offeredModule = Module{
	"offered", Record, "What `neg.offered` is: the words of SMFIC_OPTNEG.",
	[]Property{
		{"version", "integer", "The version of the protocol.", "mfdef.h: SMFI_VERSION"},
		{"actions", "integer", "The bits of what a filter may change.", "mfapi.h: SMFIF_*"},
		{"protocol", "integer", "The bits of what a filter may have left out.", "mfdef.h: SMFIP_*"},
	}, nil,
}

var mailboxModule = Module{
	"mailbox", Record, "An address as the module [address](#address) makes it of text, and `headers:addresses`. What is not there is nil.",
	[]Property{
		{"address", "string", "As an envelope takes it, `\"\"` for `<>`.", "RFC 5321 section 4.1.2"},
		{"localpart", "string", "What is before the @, without quotes.", ""},
		{"domain", "string?", "What is behind the @, in lower case.", ""},
		{"name", "string?", "The name, decoded.", "RFC 5322 section 3.4; RFC 2047"},
		{"comment", "string?", "The comment, decoded.", "RFC 5322 section 3.2.2"},
		{"group", "string?", "The group that it is in.", "RFC 5322 section 3.4"},
		{"first", "integer", "Where all of it begins in the text.", ""},
		{"last", "integer", "Where all of it ends.", ""},
		{"address_first", "integer", "Where the address alone begins.", ""},
		{"address_last", "integer", "Where the address alone ends.", ""},
		{"problems", "string[]", "What was odd; the words are with [address](#address).", ""},
		{"field", "integer?", "From `headers:addresses` only: in which field it is, `headers[a.field]`.", ""},
	}, nil,
}

var footerModule = Module{
	"footer", Record, "What `msg:add_footer` and `msg:add_banner` take: a table with `text`, `html` or both.",
	[]Property{
		{"text", "string?", "For plain text; not said, it is made from `html`.", ""},
		{"html", "string?", "For HTML; not said, it is made from `text`.", ""},
		{"marker", "string?", "A text that tells that it is there already.", ""},
		{"once", "boolean?", "Not where it is already.", ""},
		{"force", "boolean?", "Also to what is signed or encrypted.", ""},
	}, nil,
}

var noteModule = Module{
	"note", Record, "What `msg:remove_part` takes for the part that stands in the place of the removed one.",
	[]Property{
		{"text", "string?", "The content.", ""},
		{"type", "string?", "The Content-Type, by default `text/plain`.", ""},
		{"filename", "string?", "The name under which mail programs offer it.", ""},
		{"force", "boolean?", "Also from what is signed or encrypted.", ""},
	}, nil,
}

var entryModule = Module{
	"entry", Record, "A file in an archive, from `part:entries`.",
	[]Property{
		{"path", "string", "Its names from the outermost archive on: `a.zip!b.txt`.", ""},
		{"name", "string", "Its name.", ""},
		{"size", "integer", "Bytes unpacked, -1 if not known.", ""},
		{"packed", "integer", "Bytes packed, -1 if not known.", ""},
		{"encrypted", "boolean", "Whether its content needs a password.", ""},
		{"dir", "boolean", "Whether it is a folder.", ""},
		{"link", "string", "What it points to, `\"\"` if it is no link.", ""},
		{"depth", "integer", "In how many archives below the outermost one.", ""},
		{"kind", "string", "What archive it is itself, `\"\"` for none.", ""},
		{"problems", "string[]", "What is not as it should be, each a few words.", ""},
	}, nil,
}

var limitsModule = Module{
	"limits", Record, "What `part:entries` takes: how far it goes.",
	[]Property{
		{"depth", "integer?", "Archives inside archives, by default 3.", ""},
		{"max", "integer?", "Entries, by default 10,000.", ""},
		{"bytes", "integer?", "Bytes to unpack, by default 64 MiB.", ""},
		{"ratio", "integer?", "How much larger a file may be than it is packed, by default 250.", ""},
		{"time", "number?", "Seconds, by default 4.", ""},
	}, nil,
}

var lookupModule = Module{
	"lookup", Record, "What the functions of [dns](#dns) take as `options`.",
	[]Property{
		{"timeout", "number?", "Seconds that it may take, if less than the configuration allows, which is 4.5 together.", ""},
		{"on_error", "string?", "When nobody knows: `\"pass\"`, by default, for nil and why, `\"fail\"` for an error.", ""},
	}, nil,
}

var mxModule = Module{
	"mx", Record, "A mail server of a domain, from `dns.mx`.",
	[]Property{
		{"host", "string", "Its name, `\"\"` for a domain that takes no mail.", "RFC 5321 section 5.1; RFC 7505"},
		{"preference", "integer", "The lowest comes first.", "RFC 5321 section 5.1"},
	}, nil,
}

var srvModule = Module{
	"srv", Record, "A server of a service, from `dns.srv`.",
	[]Property{
		{"host", "string", "Its name, `\"\"` for a service that is not there.", "RFC 2782"},
		{"port", "integer", "Its port.", "RFC 2782"},
		{"priority", "integer", "The lowest comes first.", "RFC 2782"},
		{"weight", "integer", "Its share among those of one priority.", "RFC 2782"},
	}, nil,
}

var listQueryModule = Module{
	"listquery", Record, "What `dns.bl` takes.",
	[]Property{
		{"zones", "table", "An array: names of lists, or tables with `zone`, and if wanted `weight` and `codes`.", ""},
		{"ip", "string?", "The address that is looked for. Without it and `domain`, as for a client that has none, the result is false.", "RFC 5782 section 2"},
		{"domain", "string?", "The domain that is looked for, instead.", "RFC 5782 section 3"},
		{"codes", "table?", "The answers that are hits, with what they mean, such as `{ [\"127.0.0.2\"] = \"sends spam\" }`; `*` is any number, as in `127.0.*.2`. It is for lists without their own. Not given: every answer is a hit.", "RFC 5782 section 2.3"},
		{"threshold", "number?", "What the weights of the lists with a hit must come to. A weight is 1 if it is not given, and below 0 for a list of the good. Without a threshold the first hit is enough, and nobody waits for the others.", ""},
		{"timeout", "number?", "Seconds that it may take, by default 3.", ""},
		{"on_error", "string?", "When lists do not answer: `\"pass\"`, by default, for nil and why, `\"fail\"` for an error.", ""},
	}, nil,
}

var listingModule = Module{
	"listing", Record, "A hit, from `dns.bl`.",
	[]Property{
		{"zone", "string", "The list that has it, of several the one that weighs most.", ""},
		{"code", "string", "What that list answers.", "RFC 5782 section 2.3"},
		{"meaning", "string?", "What `codes` says of it.", ""},
		{"score", "number", "The weights together.", ""},
		{"hits", "table", "An array of a table for each list that has it, with `zone`, `code`, `meaning` and `weight`.", ""},
	}, nil,
}

var linkModule = Module{
	"link", Record, "A URL as the module [url](#url) gives it. What is not there is nil.",
	[]Property{
		{"url", "string", "Its normal form, in which different spellings are the same text, without the fragment.", "url.spec.whatwg.org, RFC 3986 section 6"},
		{"scheme", "string", "What is before the first colon, in small letters.", ""},
		{"user", "string?", "What is before the @, password included: readers may take it for the host.", ""},
		{"host", "string?", "The name or address, in ASCII and small letters; nil for `mailto:` and the like.", ""},
		{"port", "string?", "The port, if it is not the usual one.", ""},
		{"path", "string?", "The path.", ""},
		{"query", "string?", "What is behind the question mark.", ""},
		{"fragment", "string?", "What is behind the #, which servers do not see.", ""},
		{"domain", "string?", "The domain that somebody registered, by the public suffix list; nil for an address.", "publicsuffix.org"},
		{"unicode", "string?", "The host for people to read, if it is not ASCII.", "RFC 5890, UTS 46"},
		{"looks_like", "string?", "The host in ASCII that a host in letters of another script looks like.", "UTS 39"},
		{"notes", "string[]", "What is odd about it; the words are with [url](#url).", ""},
		{"raw", "string?", "From `url.find` and `url.find_html` only: how it stands there.", ""},
		{"source", "string?", "From these only: `text`, `link`, `load` or `form`.", ""},
		{"text", "string?", "From `url.find_html` only: what is shown for a link.", ""},
	}, nil,
}

var placeModule = Module{
	"place", Record, "What `geo.lookup` knows about an address. What is not known is nil.",
	[]Property{
		{"country", "string?", "Two capital letters.", "ISO 3166-1"},
		{"country_name", "string?", "Its English name.", ""},
		{"continent", "string?", "Two capital letters.", ""},
		{"city", "string?", "Its English name.", ""},
		{"eu", "boolean", "Whether the country is in the European Union.", ""},
		{"asn", "integer?", "The number of the autonomous system.", "RFC 1930"},
		{"organization", "string?", "Who runs it.", ""},
		{"network", "string", "The addresses that this is known for, such as `192.0.2.0/24`.", ""},
	}, nil,
}
