/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-health-probe.h"

#include <process-glib/daemons/process-health-ask-private.h>

/**
 * process_wait_for_health:
 * @address: the address of its health server, see [func@Process.probe_health]
 * @timeout: for how long to ask, in microseconds; 0 to ask once
 * @cancellable: (nullable): a cancellable, which ends the call
 *
 * Waits until a program is healthy.
 *
 * Asks as [func@Process.probe_health] does, and blocks as that does, for who only
 * wants to know whether it came to that: whatever goes wrong, it returns %FALSE.
 *
 * Returns: %TRUE if the program is healthy
 */
gboolean
process_wait_for_health (const char   *address,
                         gint64        timeout,
                         GCancellable *cancellable)
{
  g_return_val_if_fail (address != NULL, FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);

  return _process_health_ask (address, "/health", timeout, cancellable, NULL, NULL);
}

/**
 * process_wait_for_health_async:
 * @address: the address of its health server, see [func@Process.probe_health]
 * @timeout: for how long to ask, in microseconds; 0 to ask once
 * @cancellable: (nullable): a cancellable, which ends the call
 * @callback: (scope async) (closure user_data): called when it is known
 * @user_data: data for @callback
 *
 * Does what [func@Process.wait_for_health] does without waiting for it.
 *
 * @callback is called in the thread-default main context of the caller, which
 * may also be that of the server.
 */
void
process_wait_for_health_async (const char          *address,
                               gint64               timeout,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  g_return_if_fail (address != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  _process_health_ask_async (address, "/health", timeout, cancellable, callback, user_data,
                             process_wait_for_health_async);
}

/**
 * process_wait_for_health_finish:
 * @result: what the callback got
 *
 * Gets the outcome of [func@Process.wait_for_health_async].
 *
 * Returns: %TRUE if the program is healthy
 */
gboolean
process_wait_for_health_finish (GAsyncResult *result)
{
  return _process_health_ask_finish (result, process_wait_for_health_async, NULL);
}

/**
 * process_wait_for_ready:
 * @address: the address of its health server, see [func@Process.probe_health]
 * @timeout: for how long to ask, in microseconds; 0 to ask once
 * @cancellable: (nullable): a cancellable, which ends the call
 *
 * Waits until a program is ready for work.
 *
 * Asks as [func@Process.probe_ready] does, and blocks as that does, for who only
 * wants to know whether it came to that: whatever goes wrong, it returns %FALSE.
 *
 * Returns: %TRUE if the program is ready
 */
gboolean
process_wait_for_ready (const char   *address,
                        gint64        timeout,
                        GCancellable *cancellable)
{
  g_return_val_if_fail (address != NULL, FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);

  return _process_health_ask (address, "/ready", timeout, cancellable, NULL, NULL);
}

/**
 * process_wait_for_ready_async:
 * @address: the address of its health server, see [func@Process.probe_health]
 * @timeout: for how long to ask, in microseconds; 0 to ask once
 * @cancellable: (nullable): a cancellable, which ends the call
 * @callback: (scope async) (closure user_data): called when it is known
 * @user_data: data for @callback
 *
 * Does what [func@Process.wait_for_ready] does without waiting for it.
 *
 * @callback is called in the thread-default main context of the caller, which
 * may also be that of the server.
 */
void
process_wait_for_ready_async (const char          *address,
                              gint64               timeout,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  g_return_if_fail (address != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  _process_health_ask_async (address, "/ready", timeout, cancellable, callback, user_data,
                             process_wait_for_ready_async);
}

/**
 * process_wait_for_ready_finish:
 * @result: what the callback got
 *
 * Gets the outcome of [func@Process.wait_for_ready_async].
 *
 * Returns: %TRUE if the program is ready
 */
gboolean
process_wait_for_ready_finish (GAsyncResult *result)
{
  return _process_health_ask_finish (result, process_wait_for_ready_async, NULL);
}

/**
 * process_probe_health:
 * @address: the address of its health server
 * @timeout: for how long to ask, in microseconds; 0 to ask once
 * @cancellable: (nullable): a cancellable, which ends the call
 * @error: return location for an error
 *
 * Asks a program whether it is healthy, until it is, and tells the reason if it
 * does not come to that.
 *
 * It asks for `http://ADDRESS/health`, at once and then every 200 milliseconds,
 * until the answer has the status 200, or until the time is up. An attempt that
 * takes 2 seconds is given up, and the next one made. With a @timeout of 0, or a
 * negative one, it asks once, and waits for at most 1 second.
 *
 * The address is `host:port`, `[v6]:port`, or `:port` or `port`, which are those of
 * 127.0.0.1; `*:port` is asked at 127.0.0.1 as well; `unix:PATH` is the path of a
 * socket. Names are looked up for each attempt. No proxy is used. Of an
 * answer nothing beyond 64 KiB is read.
 *
 * It fails
 *
 *  - with %PROCESS_ERROR_UNHEALTHY when there was an answer, and the status of the
 *    last one was not 200; its text, up to 512 bytes of it, is in the message;
 *  - with %PROCESS_ERROR_TIMED_OUT when there was no answer at all; the message
 *    has the reason of the last attempt;
 *  - with %G_IO_ERROR_CANCELLED when @cancellable was cancelled;
 *  - with %PROCESS_ERROR_INVALID_ARGUMENT, at once, when @address is none that
 *    can be asked.
 *
 * It blocks, and runs no sources of any main context meanwhile. So it gets no
 * answer from a [class@Process.HealthServer] that belongs to the calling
 * thread: ask that with [func@Process.probe_health_async]. It can be called from
 * any thread.
 *
 * Returns: %TRUE if the program is healthy, %FALSE with an error if not
 */
gboolean
process_probe_health (const char    *address,
                      gint64         timeout,
                      GCancellable  *cancellable,
                      GError       **error)
{
  g_return_val_if_fail (address != NULL, FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return _process_health_ask (address, "/health", timeout, cancellable, NULL, error);
}

/**
 * process_probe_health_async:
 * @address: the address of its health server
 * @timeout: for how long to ask, in microseconds; 0 to ask once
 * @cancellable: (nullable): a cancellable, which ends the call
 * @callback: (scope async) (closure user_data): called when it is known
 * @user_data: data for @callback
 *
 * Does what [func@Process.probe_health] does without waiting for it.
 *
 * @callback is called in the thread-default main context of the caller, which
 * may also be that of the server.
 */
void
process_probe_health_async (const char          *address,
                            gint64               timeout,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  g_return_if_fail (address != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  _process_health_ask_async (address, "/health", timeout, cancellable, callback, user_data,
                             process_probe_health_async);
}

/**
 * process_probe_health_finish:
 * @result: what the callback got
 * @error: return location for an error
 *
 * Gets the outcome of [func@Process.probe_health_async].
 *
 * Its errors are those of [func@Process.probe_health].
 *
 * Returns: %TRUE if the program is healthy, %FALSE with an error if not
 */
gboolean
process_probe_health_finish (GAsyncResult  *result,
                             GError       **error)
{
  return _process_health_ask_finish (result, process_probe_health_async, error);
}

/**
 * process_probe_ready:
 * @address: the address of its health server, see [func@Process.probe_health]
 * @timeout: for how long to ask, in microseconds; 0 to ask once
 * @cancellable: (nullable): a cancellable, which ends the call
 * @error: return location for an error
 *
 * Asks a program whether it is ready for work, until it is, and tells the reason
 * if it does not come to that.
 *
 * It does what [func@Process.probe_health] does, and fails as that does, but asks
 * for `http://ADDRESS/ready`.
 *
 * Returns: %TRUE if the program is ready, %FALSE with an error if not
 */
gboolean
process_probe_ready (const char    *address,
                     gint64         timeout,
                     GCancellable  *cancellable,
                     GError       **error)
{
  g_return_val_if_fail (address != NULL, FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return _process_health_ask (address, "/ready", timeout, cancellable, NULL, error);
}

/**
 * process_probe_ready_async:
 * @address: the address of its health server, see [func@Process.probe_health]
 * @timeout: for how long to ask, in microseconds; 0 to ask once
 * @cancellable: (nullable): a cancellable, which ends the call
 * @callback: (scope async) (closure user_data): called when it is known
 * @user_data: data for @callback
 *
 * Does what [func@Process.probe_ready] does without waiting for it.
 *
 * @callback is called in the thread-default main context of the caller, which
 * may also be that of the server.
 */
void
process_probe_ready_async (const char          *address,
                           gint64               timeout,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  g_return_if_fail (address != NULL);
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  _process_health_ask_async (address, "/ready", timeout, cancellable, callback, user_data,
                             process_probe_ready_async);
}

/**
 * process_probe_ready_finish:
 * @result: what the callback got
 * @error: return location for an error
 *
 * Gets the outcome of [func@Process.probe_ready_async].
 *
 * Its errors are those of [func@Process.probe_ready].
 *
 * Returns: %TRUE if the program is ready, %FALSE with an error if not
 */
gboolean
process_probe_ready_finish (GAsyncResult  *result,
                            GError       **error)
{
  return _process_health_ask_finish (result, process_probe_ready_async, error);
}
