namespace StateRelay.Browser.Tests;

/// <summary>Texts that would run a script, make an element or confuse a page that took them for more than text.</summary>
internal static class Hostile
{
    private const string Run = "window.pwned=1";

    private static readonly string[] Handlers =
    [
        "onerror", "onload", "onfocus", "onblur", "onclick", "onmouseover", "onpointerenter", "ontoggle", "onanimationstart", "onanimationend",
        "ontransitionend", "onbegin", "onend", "onrepeat", "onscroll", "onresize", "oninput", "onchange", "onsubmit", "oncut", "onpaste",
        "onwheel", "ondrag", "onmessage", "onhashchange", "onpageshow", "onbeforeunload", "onpopstate", "onstart", "onfinish",
    ];

    private static readonly string[] Tags =
    [
        "<img src=x {0}>", "<svg {0}></svg>", "<svg><animate {0} attributeName=x dur=1s></animate></svg>", "<details open {0}><summary>x</summary></details>",
    ];

    private static readonly string[] Markup =
    [
        "<script>{0}</script>", "<SCRIPT>{0}</SCRIPT>", "<script src=\"data:text/javascript,{0}\"></script>", "<script type=module>{0}</script>",
        "<scr<script>ipt>{0}</scr</script>ipt>", "<script\u0000>{0}</script>", "</title><script>{0}</script>", "</textarea><script>{0}</script>",
        "</style><script>{0}</script>", "</script><script>{0}</script>", "--><script>{0}</script>", "]]><script>{0}</script>",
        "<iframe src=\"javascript:parent.{0}\"></iframe>", "<iframe srcdoc=\"<script>parent.{0}</script>\"></iframe>", "<object data=\"javascript:{0}\"></object>",
        "<embed src=\"javascript:{0}\">", "<a href=\"javascript:{0}\">x</a>", "<form action=\"javascript:{0}\"><input type=submit autofocus></form>",
        "<button formaction=\"javascript:{0}\">x</button>", "<base href=\"https://evil.example/\">", "<link rel=stylesheet href=\"https://evil.example/x.css\">",
        "<meta http-equiv=refresh content=\"0;url=javascript:{0}\">", "<style>@import 'https://evil.example/x.css';</style>",
        "<math><mtext><img src=x onerror={0}></mtext></math>", "<noscript><p title=\"</noscript><img src=x onerror={0}>\">",
        "<template><img src=x onerror={0}></template>", "<xss id=x tabindex=1 onfocus={0}></xss>", "<video><source onerror=\"{0}\"></video>",
        "<input autofocus onfocus={0}>", "<marquee onstart={0}>x</marquee>", "<body onload={0}>", "<svg><use href=\"data:image/svg+xml,<svg onload={0}>\"/></svg>",
        "\"><img src=x onerror={0}>", "'><img src=x onerror={0}>", "`><img src=x onerror={0}>", "\" onmouseover=\"{0}", "' onmouseover='{0}", "&lt;script&gt;{0}&lt;/script&gt;",
        "&#60;script&#62;{0}&#60;/script&#62;", "%3Cscript%3E{0}%3C/script%3E", "\\u003cscript\\u003e{0}\\u003c/script\\u003e", "\\x3cscript\\x3e{0}\\x3c/script\\x3e",
        "+ADw-script+AD4-{0}+ADw-/script+AD4-", "\uff1cscript\uff1e{0}\uff1c/script\uff1e",
    ];

    private static readonly string[] Addresses =
    [
        "javascript:{0}", "JaVaScRiPt:{0}", "java\tscript:{0}", "java\nscript:{0}", "\u0001javascript:{0}", " javascript:{0}", "javascript\u00a0:{0}",
        "javascript://github.com/%0a{0}", "javascript:/*https://github.com/*/{0}", "&#106;avascript:{0}", "vbscript:{0}", "data:text/html,<script>{0}</script>",
        "data:text/html;base64,PHNjcmlwdD53aW5kb3cucHduZWQ9MTwvc2NyaXB0Pg==", "blob:https://github.com/x", "filesystem:https://github.com/x", "view-source:https://github.com/",
        "file:///etc/passwd", "//evil.example/x", "\\\\evil.example\\x", "https:evil.example", "https://github.com@evil.example/{0}", "https://github.com:x@evil.example/",
        "https://evil.example/\"><img src=x onerror={0}>", "https://evil.example/'onclick='{0}", "https://evil.example/#<script>{0}</script>", "https://[::1/", "http://github.com/acme/widgets/pull/1",
    ];

    private static readonly string[] Code =
    [
        "'; {0}; //", "\"; {0}; //", "\\'; {0}; //", "\u2028{0}", "${{{0}}}", "{{{{constructor.constructor('{0}')()}}}}", "#{{{0}}}", "<%= {0} %>", "{{%{0}%}}", "[[${{{0}}}]]",
        "`${{{0}}}`", "{0}", "eval('{0}')", "__proto__", "constructor", "prototype", "toString", "valueOf", "hasOwnProperty", "__defineGetter__", "then", "length", "innerHTML",
        "\u202e\u2066txt.exe\u2069", "\u0000", "\ufeff", "\u200b\u200d", "\ud83d\ude00", "\uffff", "<!--", "<![CDATA[", "<?xml version=\"1.0\"?>",
    ];

    /// <summary>All of them, each once.</summary>
    public static IReadOnlyList<string> Texts { get; } =
    [
        .. Tags.SelectMany(tag => Handlers.Select(handler => string.Format(null, tag, $"{handler}={Run}"))),
        .. Markup.Concat(Addresses).Concat(Code).Select(text => string.Format(null, text, Run)),
    ];
}
