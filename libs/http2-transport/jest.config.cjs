module.exports = require('../../jest.preset.cjs')('http2-transport');
