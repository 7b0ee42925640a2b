/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#define PROCESS_GLIB_INSIDE

#include <process-glib/process-version.h>
#include <process-glib/process-error.h>

#include <process-glib/children/process-ring-buffer.h>
#include <process-glib/children/process-run-options.h>
#include <process-glib/children/process-info.h>
#include <process-glib/children/process-managed-process.h>
#include <process-glib/children/process-service.h>
#include <process-glib/children/process-program.h>

#include <process-glib/pipelines/process-run-spec.h>
#include <process-glib/pipelines/process-run-result.h>
#include <process-glib/pipelines/process-run-all-result.h>
#include <process-glib/pipelines/process-runner.h>

#include <process-glib/daemons/process-pid-file.h>
#include <process-glib/daemons/process-health-server.h>
#include <process-glib/daemons/process-health-probe.h>
#include <process-glib/daemons/process-daemon-entry.h>
#include <process-glib/daemons/process-registry.h>
#include <process-glib/daemons/process-daemon.h>

#undef PROCESS_GLIB_INSIDE
