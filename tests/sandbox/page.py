"""The HTML pages: what they have in common, and the list of all organisations.

A note is text from outside. It is shown in a frame that may run nothing and load nothing (sandbox attribute and CSP); the only script
of the page fits the frames' heights and is known by its nonce.
"""
import html
import pathlib
import secrets

from .answer import Answer

CSS = (pathlib.Path(__file__).parent / "page.css").read_text()
FIT = """for (const frame of document.querySelectorAll("iframe")) {
  const fit = () => {
    const inside = frame.contentDocument?.documentElement;
    if (inside) frame.style.height = inside.offsetHeight + 4 + "px";
  };
  frame.addEventListener("load", fit);
  window.addEventListener("resize", fit);
  fit();
}"""
FRAME = """<!doctype html><meta charset="utf-8"><base target="_blank"><style>
html { overflow: hidden } body { margin: 0; font: 14px/1.5 system-ui, "Segoe UI", "DejaVu Sans", "Noto Sans CJK JP", sans-serif;
color: #1f2933; overflow-wrap: anywhere } h1, h2, h3 { font-size: 15px; margin: .8em 0 .3em } p, ul, ol, blockquote { margin: .3em 0 .6em }
table { border-collapse: collapse } td, th { border: 1px solid #dfe4ea; padding: 2px 8px } a { color: #0b5cad }</style>"""
e = html.escape


def document(title, head, body, status=200):
    nonce = secrets.token_urlsafe(16)
    text = (f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            f"<title>{e(title)}</title><style>{CSS}</style><header><div>{head}</div></header><main>{body}</main>"
            f'<script nonce="{nonce}">{FIT}</script></html>')
    policy = (f"default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-{nonce}'; frame-src 'self'; form-action 'none'; "
              f"frame-ancestors 'none'")
    return Answer(status, {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy,
                           "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}, text.encode("utf-8", "replace"))


def not_found(head, message):
    return document("Not found", head, message, 404)


def index(cards, request):
    """`cards`: one of each organisation."""
    if request.path != "/":
        return not_found("<h1>Not found</h1>", '<p><a href="/">All organisations</a></p>')
    return document("Sandbox", "<h1>Sandbox</h1><div class=soft>Simulated CRM organisations</div>",
                    f"<h2>Organisations</h2>{cards}<p class=meta><a href='/_control/journal'>journal of all requests (JSON)</a></p>")


def head_of(org, base):
    return (f"<h1>{e(org.name)}</h1><nav class=soft><a href='/'>All organisations</a><a href='{base}/'>Records</a>"
            f"<a href='/_control/journal?org={e(org.name)}'>Journal (JSON)</a></nav>")


def organisation_card(org, base, vendor, meta):
    said = "".join(f"<span>{e(text)}</span> " for text in (vendor, org.host or "", *meta))
    return f'<div class=card><h3><a href="{base}/">{e(org.name)}</a></h3><div class=meta>{said}</div></div>'


def counts_of(counts):
    return "<ul class=counts>" + "".join(f"<li><b>{number}</b>{label}</li>" for number, label in counts) + "</ul>"


def day_and_time(text):
    return f"{text[:10]} {text[11:16]}" if text else "no time"


def note_html(title, said, text):
    """`said` is ours, `title` and `text` are not."""
    frame = e(FRAME + (text or ""), quote=True)
    heading = f"<h4>{e(title)}</h4>" if title else ""
    return (f"<div class=note>{heading}<div class=soft>{said}</div>"
            f'<iframe title="note" sandbox="allow-same-origin allow-popups" srcdoc="{frame}"></iframe></div>')
