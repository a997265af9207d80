import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

/** Who may import whom. One table, the same as in docs/architecture.md. */
const directions = [
  { sourceTag: 'type:app', onlyDependOnLibsWithTags: ['type:operations', 'type:feature', 'type:adapter', 'type:model', 'type:platform'], bannedExternalImports: ['bullmq', 'bullmq/*'] },
  { sourceTag: 'type:operations', onlyDependOnLibsWithTags: ['type:adapter', 'type:model', 'type:platform'], bannedExternalImports: ['bullmq', 'bullmq/*', 'express'] },
  { sourceTag: 'reach:no-provider', notDependOnLibsWithTags: ['provider'] },
  { sourceTag: 'type:feature', onlyDependOnLibsWithTags: ['type:model'], allowedExternalImports: ['zod'] },
  { sourceTag: 'type:adapter', onlyDependOnLibsWithTags: ['type:model', 'type:platform'], bannedExternalImports: ['express'] },
  { sourceTag: 'type:model', onlyDependOnLibsWithTags: ['type:model'], allowedExternalImports: ['zod'] },
  { sourceTag: 'type:platform', onlyDependOnLibsWithTags: ['type:platform'] },
  { sourceTag: 'type:testing', onlyDependOnLibsWithTags: ['type:model', 'type:platform', 'type:testing'] },
  { sourceTag: 'type:suite', onlyDependOnLibsWithTags: ['type:feature', 'type:adapter', 'type:model', 'type:platform', 'type:testing'] },
];
/** Tests may use the test kit and its packages beside what their project may import. */
const directionsInTests = directions.map(({ sourceTag, onlyDependOnLibsWithTags, notDependOnLibsWithTags, bannedExternalImports }) => ({
  sourceTag,
  ...(onlyDependOnLibsWithTags && { onlyDependOnLibsWithTags: [...onlyDependOnLibsWithTags, 'type:testing'] }),
  ...(notDependOnLibsWithTags && { notDependOnLibsWithTags }),
  ...(bannedExternalImports && { bannedExternalImports }),
}));
const boundaries = (depConstraints) => [
  'error',
  { enforceBuildableLibDependency: false, allow: [], depConstraints, allowCircularSelfDependency: false, banTransitiveDependencies: false },
];

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.nx/**', '.cache/**', '**/*.cjs', '**/*.mjs', '**/bin/*.js', 'tools/boundary-violation/**'] },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [...tseslint.configs.recommendedTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    plugins: { '@nx': nx },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@nx/enforce-module-boundaries': boundaries(directions),
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/prefer-nullish-coalescing': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'max-lines': ['error', { max: 300 }],
      'max-params': ['error', 4],
      // A switch over a closed union is one decision, however many members it has.
      complexity: ['error', { max: 10, variant: 'modified' }],
      'no-console': 'error',
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
        { selector: "MemberExpression[object.name='process'][property.name='env']", message: 'Only libs/config reads the environment.' },
      ],
    },
  },
  {
    files: ['**/*.test.ts', '**/test-*.ts', 'libs/testing/**/*.ts', 'e2e/**/*.ts', 'bench/**/*.ts', 'fuzz/**/*.ts', 'chaos/**/*.ts'],
    rules: {
      '@nx/enforce-module-boundaries': boundaries(directionsInTests),
      'no-restricted-syntax': ['error', { selector: 'ExportDefaultDeclaration', message: 'Export by name.' }],
    },
  },
  { files: ['libs/config/src/**/*.ts'], rules: { 'no-restricted-syntax': ['error', { selector: 'ExportDefaultDeclaration', message: 'Export by name.' }] } },
);
