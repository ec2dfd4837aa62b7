// curves-style.js: the look of the drawings, that of the charts of `vitro compare` (shared/src/chart/chart.css). A page may
// set the models' colours: `--vitro-model-0` to `--vitro-model-5`.

export const CURVES_STYLE = `
.m0 { --own: var(--vitro-model-0, light-dark(#2a5bd7, #8aaeff)); --dash: none; }
.m1 { --own: var(--vitro-model-1, light-dark(#a86400, #f0b429)); --dash: 7 3; }
.m2 { --own: var(--vitro-model-2, light-dark(#00796b, #4fd1b5)); --dash: 2 3; }
.m3 { --own: var(--vitro-model-3, light-dark(#a3278f, #f48fd8)); --dash: 9 3 2 3; }
.m4 { --own: var(--vitro-model-4, light-dark(#5b6270, #aab1bd)); --dash: 4 2; }
.m5 { --own: var(--vitro-model-5, light-dark(#7a3b16, #d59b73)); --dash: 12 4; }
svg { font-size: 12px; font-variant-numeric: tabular-nums; }
svg text { fill: var(--ink); }
svg .tick { fill: var(--quiet); }
svg .middle, svg .value { text-anchor: middle; }
svg .end, svg .name { text-anchor: end; }
.axis { stroke: var(--line); stroke-width: 1; fill: none; shape-rendering: crispEdges; }
.hair { stroke: var(--faint); stroke-width: 1; fill: none; }
.line { stroke: var(--own); stroke-width: 1.75; stroke-dasharray: var(--dash); fill: none; stroke-linejoin: round; }
.dot { fill: var(--own); stroke: var(--paper); stroke-width: 1; }
.band { fill: transparent; }
.read:hover .band { fill: color-mix(in oklab, var(--ink) 8%, transparent); }
.chart { display: block; inline-size: 100%; max-inline-size: 640px; block-size: auto; overflow: visible; }
.interval { fill: color-mix(in oklab, var(--own) 16%, transparent); stroke: none; }
svg .flip { fill: color-mix(in oklab, var(--own) 45%, var(--paper)); stroke: none; }
.read:hover .flip { fill: var(--own); }
@media (forced-colors: active) {
  .line, .dot, svg .flip { --own: CanvasText; }
  .interval { fill: none; stroke: GrayText; }
}
`;
