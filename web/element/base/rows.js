// rows.js: attributes as `api.json` describes them, read into values. Pure: whatever a page writes reads as something valid.

/**
 * A row of an attribute.
 * @typedef {object} Row
 * @property {string} name
 * @property {string} property
 * @property {string} kind `text`, `integer`, `flag` or `choice`
 * @property {string | number | boolean} default
 * @property {number} [min]
 * @property {number} [max]
 * @property {string[]} [choices]
 */
/** @typedef {string | number | boolean} Value */

/**
 * The value of an attribute. A number beyond its range is the nearest end; what cannot be read is the default.
 * @param {Row} row
 * @param {string | null} text the attribute as it stands, or null where there is none
 * @returns {Value}
 */
export function valueOf(row, text) {
  switch (row.kind) {
    case 'flag': return text !== null;
    case 'integer': return integerOf(row, text);
    case 'choice': return row.choices?.find((choice) => choice === text?.trim().toLowerCase()) ?? row.default;
    default: return text ?? row.default;
  }
}

/**
 * What stands in the attribute for a value of the property; null is no attribute.
 * @param {Row} row
 * @param {unknown} value
 */
export function textOf(row, value) {
  if (row.kind === 'flag') return value ? '' : null;
  return value === null || value === undefined ? null : String(value);
}

/** @param {Row} row @param {string | null} text */
function integerOf({ default: fallback, min = -Infinity, max = Infinity }, text) {
  const value = text?.trim() ? Number(text) : NaN;
  return Number.isNaN(value) ? fallback : Math.round(Math.min(Math.max(value, min), max));
}
