package main

// The completion scripts, as templates over []verbWords. Each works by itself: nothing runs luamilter while one types.

// bashCompletion needs no bash-completion package. Bash takes --flag=value apart into three words, which is undone first.
const bashCompletion = `# Completion of luamilter for bash; printed by "luamilter completion bash".

# Offer files that match the pattern $1, and folders.
_luamilter_files() {
	compopt -o filenames 2>/dev/null
	mapfile -t COMPREPLY < <(
		compgen -d -- "$cur"
		compgen -f -X "!$1" -- "$cur" | while IFS= read -r path; do [[ -d $path ]] || printf '%s\n' "$path"; done
	)
}

# Offer the words in $1.
_luamilter_words() {
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
}

_luamilter() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb= i
	COMPREPLY=()
	if [[ $cur == = ]]; then
		cur=
	elif [[ $prev == = ]]; then
		prev=${COMP_WORDS[COMP_CWORD-2]}
	fi
	for ((i = 1; i < COMP_CWORD; i++)); do
		if [[ ${COMP_WORDS[i]} != -* ]]; then
			verb=${COMP_WORDS[i]}
			break
		fi
	done
	case "$verb $prev" in
{{- range $v := .}}{{range .Flags}}{{if .Takes}}
	'{{$v.Name}} --{{.Long}}'{{if .Short}} | '{{$v.Name}} -{{.Short}}'{{end}})
		{{if .Value.Words}}_luamilter_words {{shell (join .Value.Words " ")}}{{else if .Value.Files}}_luamilter_files {{shell .Value.Files}}{{else}}: # anything{{end}}
		return ;;
{{- end}}{{end}}{{end}}
	esac
	case "$verb $cur" in
	' -'*) _luamilter_words '--help --version' ;;
	' '*) _luamilter_words '{{range $i, $v := offered .}}{{if $i}} {{end}}{{.Name}}{{end}}' ;;
{{- range .}}
	'{{.Name}} -'*) _luamilter_words '{{range $i, $f := .Flags}}{{if $i}} {{end}}--{{.Long}}{{end}}' ;;
{{- if .Args.Words}}
	'{{.Name}} '*) _luamilter_words {{shell (join .Args.Words " ")}} ;;
{{- else if .Args.Files}}
	'{{.Name}} '*) _luamilter_files {{shell .Args.Files}} ;;
{{- end}}{{end}}
	esac
}

complete -F _luamilter luamilter
`

// zshCompletion works from a folder of $fpath and when it is sourced.
const zshCompletion = `#compdef luamilter
# Completion of luamilter for zsh; printed by "luamilter completion zsh".

_luamilter() {
	local curcontext=$curcontext state line
	local -a verbs
	verbs=(
{{- range offered .}}
		'{{.Name}}:{{zsh .About}}'
{{- end}}
	)
	_arguments -C '(- *)'{-h,--help}'[Show help]' '(- *)--version[Print the version]' '1: :->verb' '*:: :->rest'
	case $state in
	verb)
		_describe -t verbs verb verbs
		;;
	rest)
		case $words[1] in
{{- range .}}
		{{.Name}})
			_arguments -s
{{- range .Flags}} \
				{{template "spec" .}}
{{- end}}
{{- if .Args.Name}} \
				'{{if .Args.Many}}*{{end}}:{{zsh .Args.Name}}:{{template "values" .Args}}'
{{- end}}
			;;
{{- end}}
		esac
		;;
	esac
}

if [[ $funcstack[1] == _luamilter ]]; then
	_luamilter "$@"
else
	compdef _luamilter luamilter
fi
{{define "values"}}{{if .Words}}({{join .Words " "}}){{else if .Files}}_files{{if ne .Files "*"}} -g "{{.Files}}"{{end}}{{else}} {{end}}{{end}}
{{- define "spec"}}{{if .Value.Many}}'*'{{end}}{{if .Short}}{{"{"}}-{{.Short}}{{if .Takes}}+{{end}},--{{.Long}}{{if .Takes}}={{end}}{{"}"}}{{else}}--{{.Long}}{{if .Takes}}={{end}}{{end}}'[{{zsh .About}}]
{{- if .Takes}}:{{zsh .Value.Name}}:{{template "values" .Value}}{{end}}'{{end}}`

// fishCompletion is a list of complete commands.
const fishCompletion = `# Completion of luamilter for fish; printed by "luamilter completion fish".

# Offer files that match the pattern $argv[1], and folders.
function _luamilter_files
	for path in (__fish_complete_path (commandline -ct) | string replace -r '\t.*' '')
		if string match -q -- '*/' $path; or string match -q -- $argv[1] $path
			printf '%s\n' $path
		end
	end
end

complete -c luamilter -f
complete -c luamilter -n __fish_use_subcommand -s h -l help -d 'Show help'
complete -c luamilter -n __fish_use_subcommand -l version -d 'Print the version'
{{- range offered .}}
complete -c luamilter -n __fish_use_subcommand -a {{.Name}} -d {{fish .About}}
{{- end}}
{{- range $v := .}}{{$if := printf "__fish_seen_subcommand_from %s" .Name}}
{{- range .Flags}}
complete -c luamilter -n {{fish $if}}{{if .Short}} -s {{.Short}}{{end}} -l {{.Long}}{{if .Takes}}{{if eq .Value.Files "*"}} -r{{else}} -x{{end}}{{end}}{{template "values" .Value}} -d {{fish .About}}
{{- end}}
{{- if .Args.Name}}
complete -c luamilter -n {{fish $if}}{{template "values" .Args}}
{{- end}}{{end}}
{{define "values"}}{{if .Words}} -a {{fish (join .Words " ")}}{{else if eq .Files "*"}} -F{{else if .Files}} -a {{fish (printf "(_luamilter_files %q)" .Files)}}{{end}}{{end}}`
