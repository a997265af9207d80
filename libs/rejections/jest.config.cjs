module.exports = require('../../jest.preset.cjs')('rejections');
