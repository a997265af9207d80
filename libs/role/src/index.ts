export { runMain } from './run-main';
export { argumentWarnings } from './start-safely';
export { closeServer, listen } from './listen';
export { parseRoleArguments, usage, type ParsedArguments, type RoleArguments } from './role-arguments';
export { sourceKey } from './source-key';
export { serveRole, type RoleParts } from './serve-role';
export {
  runRole,
  type RoleContext,
  type RoleDefinition,
  type RunningRole,
  type Surroundings,
} from './run-role';
