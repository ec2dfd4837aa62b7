export default { base: '/weather', telemetry: false };
