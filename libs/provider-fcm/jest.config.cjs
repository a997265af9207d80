module.exports = require('../../jest.preset.cjs')('provider-fcm');
