// The web page's logic beside the server's. Its components are tested in a browser (e2e/browser).
module.exports = { ...require('../../jest.preset.cjs')('admin'), testMatch: ['<rootDir>/{src,web}/**/*.test.ts'] };
