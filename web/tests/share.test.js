import assert from 'node:assert/strict';
import test from 'node:test';
import { widgetOf } from '../page/share.js';

const BASE = 'https://host/demo/index.html?severity=4';
const SHOWN = { src: 'scene:7/20', corruption: 'fog', severity: 3, seed: 0, protocol: 'measured', models: '', label: '' };

test('a widget is the script and the tag with what was set', () => {
  const script = '<script type="module" src="https://host/demo/vitro/vitro.js"></script>\n';
  assert.equal(widgetOf(SHOWN, BASE), `${script}<vitro-compare src="scene:7/20" corruption="fog" severity="3" controls></vitro-compare>`);
  const whole = widgetOf({ src: 'photo.jpg', corruption: 'snow', severity: 0, seed: 5, protocol: 'full-size', models: 'vit fan', label: 'tree' }, BASE);
  assert.equal(whole, `${script}<vitro-compare src="https://host/demo/photo.jpg" corruption="snow" severity="0" seed="5" protocol="full-size" models="vit fan" label="tree" controls></vitro-compare>`);
});

test('what is on this device alone is not in a widget', () => {
  const tag = widgetOf({ ...SHOWN, src: 'blob:https://host/1', models: '* blob:https://host/2' }, BASE);
  assert.ok(!tag.includes('blob:') && !tag.includes('models'), tag);
});

test('text in a widget stays text', () => {
  const tag = widgetOf({ ...SHOWN, src: 'https://host/?a=1&b="><script>', label: '<"&' }, BASE);
  assert.ok(tag.includes('label="&lt;&quot;&amp;"'), tag);
  assert.equal(tag.match(/<script/g).length, 1);
});
