package archive

import "strings"

// cp437 is the upper half of the code page of the first PCs.
const cp437 = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0"

func fromCP437(raw string) string {
	upper := []rune(cp437)
	var out strings.Builder
	for _, b := range []byte(raw) {
		if b < 0x80 {
			out.WriteByte(b)
			continue
		}
		out.WriteRune(upper[b-0x80])
	}
	return out.String()
}
