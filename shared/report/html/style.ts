// How a page looks: on a screen of any width, light or dark, and on paper.

/** Dark colours once for whoever asks for them; on paper ink is always dark. */
export const style = `
:root{color-scheme:light dark;--paper:#fff;--ink:#1b1f24;--muted:#545d68;--line:#d8dde3;--soft:#f4f6f8;--valid:#0b6e4f;--violated:#a3211b;--unknown:#7a5200}
@media screen and (prefers-color-scheme:dark){:root{--paper:#14181d;--ink:#e4e8ed;--muted:#a3adb9;--line:#343c46;--soft:#1d232a;--valid:#63d3a6;--violated:#ff9b90;--unknown:#f0c265}}
*{box-sizing:border-box}
html{font:16px/1.55 system-ui,-apple-system,"Segoe UI","Helvetica Neue",Arial,sans-serif;background:var(--paper);color:var(--ink);-webkit-text-size-adjust:100%}
body{max-width:60rem;margin:0 auto;padding:2rem 1.25rem 4rem}
h1{font-size:1.7rem;line-height:1.25;margin:.35rem 0 .5rem;letter-spacing:-.01em}
h2{font-size:1.15rem;margin:2.75rem 0 .75rem;padding-top:.75rem;border-top:1px solid var(--line)}
p,ul{margin:.5rem 0;max-width:46rem;overflow-wrap:anywhere}
ul{padding-left:1.2rem}
a{color:inherit}
.lead{color:var(--muted);margin:0;font-size:.95rem}
.verdict{border-left:.4rem solid var(--tone);padding:.15rem 0 .15rem 1rem;margin:1.25rem 0}
.verdict h1{color:var(--tone)}
.verdict.valid{--tone:var(--valid)}.verdict.violated{--tone:var(--violated)}.verdict.unknown{--tone:var(--unknown)}
.numbers{display:grid;grid-template-columns:repeat(auto-fill,minmax(9.5rem,1fr));gap:.75rem 1.5rem;margin:1.25rem 0}
.numbers div{border-top:2px solid var(--line);padding-top:.4rem}
.numbers dt{font-size:.8rem;color:var(--muted)}
.numbers dd{margin:0;font-size:1.15rem;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.numbers small{display:block;font-size:.8rem;color:var(--muted)}
.scroll{overflow-x:auto;max-width:100%}
.scroll:focus-visible,code:focus-visible,summary:focus-visible{outline:2px solid #3b82d6;outline-offset:2px}
table{border-collapse:collapse;font-size:.88rem;margin:.5rem 0;min-width:100%}
th,td{padding:.32rem .9rem .32rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
thead th{font-weight:600;color:var(--muted);white-space:nowrap}
tbody th{font-weight:600}
tbody th,td:not(.number){min-width:6.5rem}
td.number{font-variant-numeric:tabular-nums;white-space:nowrap}
figure{margin:1.5rem 0 2.25rem}
figure svg{display:block;max-width:max(100%,46rem);height:auto;color:var(--ink)}
figure svg .ground,figure svg [fill=white]{fill:var(--paper)}
figure svg .ground-line{stroke:var(--paper)}
figure svg .muted{fill:var(--muted)}
figcaption{color:var(--muted);font-size:.92rem;margin-top:.4rem;max-width:46rem}
details{margin-top:.5rem;font-size:.92rem}
summary{cursor:pointer;color:var(--muted)}
pre{overflow-x:auto;background:var(--soft);padding:.75rem 1rem;border-radius:.4rem;font:.8rem/1.4 ui-monospace,"SF Mono",Menlo,"DejaVu Sans Mono",monospace}
.lines dt{font-size:.85rem;color:var(--muted)}
.lines dd{margin:0 0 .75rem}
code{display:block;font:.85rem/1.5 ui-monospace,"SF Mono",Menlo,"DejaVu Sans Mono",monospace;background:var(--soft);padding:.5rem .75rem;border-radius:.3rem;overflow-wrap:anywhere;user-select:all}
.aside,footer{color:var(--muted);font-size:.88rem}
footer{margin-top:3rem;border-top:1px solid var(--line);padding-top:.75rem;overflow-wrap:anywhere}
@media screen and (prefers-color-scheme:dark){figure svg .state-old-version{fill:#3c454f}figure svg .state-interrupts-off{fill:#e9eef8}figure svg .state-down{fill:#0a0c0e;stroke:#6b7480;stroke-width:.5}figure svg text[fill="#0072B2"]{fill:#5fb0ea}figure svg text[fill="#009E73"]{fill:#3fcf9f}figure svg text[fill="#D55E00"]{fill:#ff9a52}figure svg [fill="#767676"],figure svg text[fill="#555"]{fill:#a3adb9}figure svg [stroke="#767676"]{stroke:#a3adb9}figure svg [fill="#c4332b"]{fill:#ff8f85}figure svg [stroke="#c4332b"]{stroke:#ff8f85}figure svg [fill="#b35900"]{fill:#f5a34d}figure svg [stroke="#b35900"]{stroke:#f5a34d}figure svg [fill="#2f6db3"]{fill:#7db4ef}figure svg [stroke="#2f6db3"]{stroke:#7db4ef}figure svg [fill="#6f7885"]{fill:#a3adb9}figure svg [stroke="#6f7885"]{stroke:#a3adb9}}
@media (max-width:40rem){body{padding:1.1rem .9rem 3rem}h1{font-size:1.35rem}.numbers{grid-template-columns:repeat(auto-fill,minmax(8rem,1fr))}}
@media print{@page{margin:14mm}html{font-size:10.5pt}body{max-width:none;padding:0}figure svg{max-width:100%;max-height:105mm}.scroll{overflow:visible}figure,tr,.numbers,.verdict,.lines div{break-inside:avoid}h2{break-after:avoid;margin-top:1.5rem}details:not([open]){display:none}table{min-width:0;font-size:.78rem}th,td{padding-right:.6rem}tbody th,td:not(.number){min-width:0}}
`;
