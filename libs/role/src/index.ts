export { runMain } from './run-main';
export { closeServer, listen } from './listen';
export { parseRoleArguments, usage, type ParsedArguments, type RoleArguments } from './role-arguments';
export {
  runRole,
  type RedisAddress,
  type RoleContext,
  type RoleDefinition,
  type RunningRole,
  type Surroundings,
} from './run-role';
