// style.js: what every element looks like. One accent hue, a 4-px grid, no gradients, no cards in cards.
//
// A page may set --vitro-ink, --vitro-paper, --vitro-accent and --vitro-font; everything else follows from them. Light and
// dark follow the page's `color-scheme`. The layout follows the element's own width, not the window's.

export const STYLE = `
:host {
  --ink: var(--vitro-ink, light-dark(#1b1e24, #e6e8ec));
  --paper: var(--vitro-paper, light-dark(#fff, #14161a));
  --accent: var(--vitro-accent, light-dark(#2a5bd7, #8aaeff));
  --quiet: color-mix(in oklab, var(--ink) 66%, var(--paper));
  --faint: color-mix(in oklab, var(--ink) 32%, var(--paper));
  --line: color-mix(in oklab, var(--ink) 14%, var(--paper));
  --wash: color-mix(in oklab, var(--ink) 5%, var(--paper));
  --wrong: light-dark(#b3401c, #ff9a76);
  display: block;
  container-type: inline-size;
  color: var(--ink);
  background: var(--paper); /* Whatever the page's own ground is, the text can be read. */
  font: 400 15px/1.5 var(--vitro-font, system-ui, sans-serif);
  font-variant-numeric: tabular-nums;
  text-align: start;
  -webkit-text-size-adjust: 100%;
}
/* Browsers that do not know light-dark() get the light look. */
@supports not (color: light-dark(#000, #fff)) {
  :host { --ink: var(--vitro-ink, #1b1e24); --paper: var(--vitro-paper, #fff); --accent: var(--vitro-accent, #2a5bd7); --wrong: #b3401c; }
}
:host([hidden]) { display: none; }
* { box-sizing: border-box; margin: 0; }
button, input, select { font: inherit; color: inherit; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.unseen { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }

/* What stands in the element's place until it starts. */
[hidden] { display: none !important; }
.cover { position: relative; min-block-size: 120px; background: var(--wash); border-radius: 4px; overflow: hidden; }
.cover img, .cover ::slotted(img) { display: block; inline-size: 100%; max-block-size: 480px; object-fit: contain; }
.start { position: absolute; inset: auto 0 24px; margin-inline: auto; inline-size: fit-content; min-block-size: 44px; padding: 0 20px; border: 0; border-radius: 4px; background: var(--accent); color: var(--paper); font-weight: 600; cursor: pointer; }
.cover:has(.start:only-child) .start, .start { box-shadow: 0 0 0 1px rgb(0 0 0 / .2); }
@media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
@media (forced-colors: active) { .start, button, select, input { border: 1px solid ButtonText; } }
`;
