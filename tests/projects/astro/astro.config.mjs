export default {
  base: '/weather',
  // While developing, Vite before version 8 would put the packages' scripts into one file, away from their engine.
  vite: { optimizeDeps: { exclude: ['@vitro/elements', '@vitro/zoo'] } },
};
