/** The style of a matrix's page: follows the reader's colour scheme; black on white in print. */
export const pageStyle = `
:root { color-scheme: light dark; --line: #8886; --soft: #8882; }
body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem; color: CanvasText; background: Canvas; }
h1 { font-size: 1.4rem; margin: 0 0 .25rem; }
h2 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
code { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
ol { margin: 0; padding-left: 2.5rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; margin: 0; }
dd { margin: 0; }
.wide { overflow: auto; max-height: 90vh; margin-top: 1.5rem; }
table { border-collapse: separate; border-spacing: 0; font-size: 13px; }
th, td { padding: .2rem .6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { position: sticky; top: 0; background: Canvas; min-width: 5.5rem; max-width: 12rem; font-weight: normal; overflow-wrap: anywhere; }
thead th b { display: block; }
tbody th { font-weight: normal; font-family: ui-monospace, monospace; position: sticky; left: 0; background: Canvas; }
tbody tr.class th { font: bold 1em system-ui, sans-serif; padding-top: 1rem; }
td { cursor: help; }
td small { display: block; max-width: 14rem; }
td.allow { background: #1a7f3733; font-weight: 600; }
td.mask { background: #bf870033; }
td.there, td.depends { background: #0969da2b; }
td.deny, td.hidden, td.reject, td.unreachable { background: var(--soft); }
td.hidden, td.unreachable { font-style: italic; }
@media print {
  :root { color-scheme: light; }
  body { margin: 0; font-size: 10px; }
  table { font-size: 9px; }
  .wide { overflow: visible; max-height: none; }
  thead th, tbody th { position: static; }
  tr { break-inside: avoid; }
  td { print-color-adjust: exact; }
}
`;
