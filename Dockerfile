# One image for all roles: docker run reveille ingress --config /etc/reveille/reveille.yaml
FROM node:20-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY apps/reveille/package.json apps/reveille/
COPY apps/reveille/bin apps/reveille/bin
RUN npm ci --include=dev
COPY . .
# Nothing is cached between image builds, so each app is bundled directly, without Nx's graph.
RUN for app in ingress dispatcher admin reveille simulator; do node tools/build-app.mjs "$app" || exit 1; done

FROM node:20-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY apps/reveille/package.json apps/reveille/
COPY apps/reveille/bin apps/reveille/bin
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force

FROM node:20-slim
WORKDIR /app
ENV NODE_ENV=production
COPY --from=packages /app/node_modules node_modules
COPY package.json ./
COPY apps/reveille apps/reveille
COPY --from=build /app/dist dist
COPY deploy/healthcheck.mjs deploy/
# The user of the base image: no root, no shell needed, nothing below /app is writable for it.
USER node
# Where each role listens unless the configuration says otherwise: ingress, admin, metrics of ingress, dispatcher, admin.
EXPOSE 5000 5001 5002 5003 5004
# The health of whichever role runs is on its metrics port; HEALTH_PORT names it.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 CMD ["node", "deploy/healthcheck.mjs"]
# Young space for many pushes in flight: see NODE_FLAGS in apps/reveille/src/role-process.ts.
ENTRYPOINT ["node", "--max-semi-space-size=64", "dist/apps/reveille/main.js"]
CMD ["serve"]
