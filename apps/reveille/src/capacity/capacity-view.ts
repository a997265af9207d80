import type { CapacityWarning } from './capacity-warnings';
import type { CapacityPlan, ConnectionPlan, PlanOptions, RolePlan } from './plan-capacity';

export interface CapacityAnswer {
  readonly options: PlanOptions;
  readonly plan: CapacityPlan;
  readonly warnings: readonly CapacityWarning[];
}

/** `--json`: described in docs/scaling.md. Memory in bytes, cores in cores. */
export function capacityView({ options, plan, warnings }: CapacityAnswer) {
  const { demand, margins, settings } = options;
  return {
    asked: {
      rate: demand.rate,
      latency_ms: demand.latencyMs,
      devices: demand.devices,
      dead_share: demand.deadShare,
      fcm_share: demand.fcmShare,
      fcm_projects: demand.fcmProjects,
      apps: demand.apps,
      outage_ms: demand.outageMs,
      utilisation: margins.utilisation,
      spare: margins.spare,
      redis_machine_bytes: margins.masterBytes,
      dedupe_window_ms: settings.dedupeWindowMs,
      explain_pushes: settings.explainPushes,
    },
    ingress: roleView(plan.ingress),
    dispatcher: roleView(plan.dispatcher),
    admin: roleView(plan.admin),
    connections: { apns: connectionView(plan.connections.apns), fcm: connectionView(plan.connections.fcm) },
    redis: {
      masters: plan.redis.masters,
      replicas: plan.redis.replicas,
      partitions: plan.redis.partitions,
      cores: plan.redis.cores,
      waiting_pushes: plan.redis.waitingPushes,
      data_bytes: plan.redis.dataBytes,
      machine_bytes: plan.redis.machineBytes,
      memory: {
        waiting: plan.redis.memory.waiting,
        duplicate_marks: plan.redis.memory.duplicateMarks,
        traces: plan.redis.memory.traces,
        rejections: plan.redis.memory.rejections,
        failed: plan.redis.memory.failed,
        books: plan.redis.memory.books,
      },
    },
    cores: { used: plan.coresUsed, to_have: plan.coresToHave },
    warnings,
  };
}

function roleView({ needed, processes, cores, memory }: RolePlan) {
  return { needed, processes, cores, memory_bytes: memory };
}

function connectionView(plan: ConnectionPlan | null) {
  if (!plan) return null;
  return {
    in_flight: plan.inFlight,
    concurrency: plan.concurrency,
    streams_per_session: plan.streamsPerSession,
    sessions_per_dispatcher: plan.sessionsPerDispatcher,
    sessions: plan.sessions,
  };
}
