/* SPDX-FileCopyrightText: 2026 The process-glib authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "process-run-all-result.h"

#include "process-run-all-result-private.h"
#include "process-run-result-private.h"

#include <process-glib/process-text-private.h>

/**
 * ProcessRunAllResult:
 *
 * What became of all specs of a run.
 *
 * It is a [iface@Gio.ListModel] of [class@Process.RunResult], one for each
 * spec, in the order of the specs. [class@Process.Runner] makes it when all of
 * them are done; it never changes, and can be read from any thread.
 *
 * Guide: [Pipelines](pipelines.html).
 */

struct _ProcessRunAllResult
{
  GObject parent_instance;

  GPtrArray *results; /* (owned) (element-type ProcessRunResult) */
  gint64 duration;    /* microseconds */
  guint n_passed;
  guint n_failed;
  guint n_skipped;
};

typedef enum
{
  PROP_ITEM_TYPE = 1,
  PROP_N_ITEMS,
  PROP_DURATION,
  PROP_N_PASSED,
  PROP_N_FAILED,
  PROP_N_SKIPPED,
  PROP_SUCCESS,
} ProcessRunAllResultProperty;

#define N_PROPERTIES (PROP_SUCCESS + 1)
#define PROPERTY_FLAGS (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS)

static GParamSpec *properties[N_PROPERTIES];

static GType
list_model_get_item_type (GListModel *model)
{
  return PROCESS_TYPE_RUN_RESULT;
}

static guint
list_model_get_n_items (GListModel *model)
{
  return PROCESS_RUN_ALL_RESULT (model)->results->len;
}

static gpointer
list_model_get_item (GListModel *model,
                     guint       position)
{
  ProcessRunAllResult *self = PROCESS_RUN_ALL_RESULT (model);

  return position < self->results->len ? g_object_ref (self->results->pdata[position]) : NULL;
}

static void
process_run_all_result_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = list_model_get_item_type;
  iface->get_n_items = list_model_get_n_items;
  iface->get_item = list_model_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (ProcessRunAllResult, process_run_all_result, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL,
                                                      process_run_all_result_list_model_init))

static void
process_run_all_result_finalize (GObject *object)
{
  ProcessRunAllResult *self = PROCESS_RUN_ALL_RESULT (object);

  g_ptr_array_unref (self->results);

  G_OBJECT_CLASS (process_run_all_result_parent_class)->finalize (object);
}

static void
process_run_all_result_get_property (GObject    *object,
                                     guint       prop_id,
                                     GValue     *value,
                                     GParamSpec *pspec)
{
  ProcessRunAllResult *self = PROCESS_RUN_ALL_RESULT (object);

  switch ((ProcessRunAllResultProperty) prop_id)
    {
    case PROP_ITEM_TYPE:
      g_value_set_gtype (value, PROCESS_TYPE_RUN_RESULT);
      break;
    case PROP_N_ITEMS:
      g_value_set_uint (value, self->results->len);
      break;
    case PROP_DURATION:
      g_value_set_int64 (value, self->duration);
      break;
    case PROP_N_PASSED:
      g_value_set_uint (value, self->n_passed);
      break;
    case PROP_N_FAILED:
      g_value_set_uint (value, self->n_failed);
      break;
    case PROP_N_SKIPPED:
      g_value_set_uint (value, self->n_skipped);
      break;
    case PROP_SUCCESS:
      g_value_set_boolean (value, self->n_failed == 0);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
process_run_all_result_class_init (ProcessRunAllResultClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = process_run_all_result_finalize;
  object_class->get_property = process_run_all_result_get_property;

  /**
   * ProcessRunAllResult:item-type:
   *
   * The type of the items: [class@Process.RunResult].
   */
  properties[PROP_ITEM_TYPE] =
    g_param_spec_gtype ("item-type", NULL, NULL, G_TYPE_OBJECT, PROPERTY_FLAGS);

  /**
   * ProcessRunAllResult:n-items:
   *
   * How many results there are: as many as specs were given to the run.
   */
  properties[PROP_N_ITEMS] =
    g_param_spec_uint ("n-items", NULL, NULL, 0, G_MAXUINT, 0, PROPERTY_FLAGS);

  /**
   * ProcessRunAllResult:duration:
   *
   * How long the whole run took, in microseconds.
   */
  properties[PROP_DURATION] =
    g_param_spec_int64 ("duration", NULL, NULL, 0, G_MAXINT64, 0, PROPERTY_FLAGS);

  /**
   * ProcessRunAllResult:n-passed:
   *
   * How many specs passed.
   */
  properties[PROP_N_PASSED] =
    g_param_spec_uint ("n-passed", NULL, NULL, 0, G_MAXUINT, 0, PROPERTY_FLAGS);

  /**
   * ProcessRunAllResult:n-failed:
   *
   * How many specs failed, those with [property@Process.RunSpec:allow-failure] included.
   */
  properties[PROP_N_FAILED] =
    g_param_spec_uint ("n-failed", NULL, NULL, 0, G_MAXUINT, 0, PROPERTY_FLAGS);

  /**
   * ProcessRunAllResult:n-skipped:
   *
   * How many specs were skipped.
   */
  properties[PROP_N_SKIPPED] =
    g_param_spec_uint ("n-skipped", NULL, NULL, 0, G_MAXUINT, 0, PROPERTY_FLAGS);

  /**
   * ProcessRunAllResult:success:
   *
   * Whether no spec failed; skipped ones do not count.
   */
  properties[PROP_SUCCESS] =
    g_param_spec_boolean ("success", NULL, NULL, TRUE, PROPERTY_FLAGS);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
process_run_all_result_init (ProcessRunAllResult *self)
{
  self->results = g_ptr_array_new_with_free_func (g_object_unref);
}

ProcessRunAllResult *
_process_run_all_result_new (GPtrArray *results,
                             gint64     duration)
{
  ProcessRunAllResult *self = g_object_new (PROCESS_TYPE_RUN_ALL_RESULT, NULL);

  g_ptr_array_unref (self->results);
  self->results = results;
  self->duration = duration;

  for (guint i = 0; i < results->len; i++)
    {
      ProcessRunResult *result = results->pdata[i];

      if (process_run_result_get_skipped (result))
        self->n_skipped++;
      else if (process_run_result_get_passed (result))
        self->n_passed++;
      else
        self->n_failed++;
    }

  return self;
}

/**
 * process_run_all_result_get_item_type:
 * @self: a result
 *
 * Gets the type of the items.
 *
 * Returns: the type of [class@Process.RunResult]
 */
GType
process_run_all_result_get_item_type (ProcessRunAllResult *self)
{
  g_return_val_if_fail (PROCESS_IS_RUN_ALL_RESULT (self), G_TYPE_INVALID);

  return PROCESS_TYPE_RUN_RESULT;
}

/**
 * process_run_all_result_get_n_items:
 * @self: a result
 *
 * Gets how many results there are.
 *
 * Returns: how many specs were given to the run
 */
guint
process_run_all_result_get_n_items (ProcessRunAllResult *self)
{
  g_return_val_if_fail (PROCESS_IS_RUN_ALL_RESULT (self), 0);

  return self->results->len;
}

/**
 * process_run_all_result_get_duration:
 * @self: a result
 *
 * Gets how long the whole run took.
 *
 * Returns: microseconds
 */
gint64
process_run_all_result_get_duration (ProcessRunAllResult *self)
{
  g_return_val_if_fail (PROCESS_IS_RUN_ALL_RESULT (self), 0);

  return self->duration;
}

/**
 * process_run_all_result_get_n_passed:
 * @self: a result
 *
 * Gets how many specs passed.
 *
 * Returns: their number
 */
guint
process_run_all_result_get_n_passed (ProcessRunAllResult *self)
{
  g_return_val_if_fail (PROCESS_IS_RUN_ALL_RESULT (self), 0);

  return self->n_passed;
}

/**
 * process_run_all_result_get_n_failed:
 * @self: a result
 *
 * Gets how many specs failed.
 *
 * Returns: their number
 */
guint
process_run_all_result_get_n_failed (ProcessRunAllResult *self)
{
  g_return_val_if_fail (PROCESS_IS_RUN_ALL_RESULT (self), 0);

  return self->n_failed;
}

/**
 * process_run_all_result_get_n_skipped:
 * @self: a result
 *
 * Gets how many specs were skipped.
 *
 * Returns: their number
 */
guint
process_run_all_result_get_n_skipped (ProcessRunAllResult *self)
{
  g_return_val_if_fail (PROCESS_IS_RUN_ALL_RESULT (self), 0);

  return self->n_skipped;
}

/**
 * process_run_all_result_get_success:
 * @self: a result
 *
 * Gets whether no spec failed.
 *
 * Returns: whether none did
 */
gboolean
process_run_all_result_get_success (ProcessRunAllResult *self)
{
  g_return_val_if_fail (PROCESS_IS_RUN_ALL_RESULT (self), FALSE);

  return self->n_failed == 0;
}

/**
 * process_run_all_result_to_json:
 * @self: a result
 *
 * Writes the result as JSON.
 *
 * It is an object with `results`, `duration`, `passed`, `failed` and
 * `skipped`. Each of the results has `name`, `spec` (as
 * [func@Process.RunSpec.list_from_json] reads it), `exitCode`, `duration`,
 * `output`, `error` (a message, or `null`) and `skipped`. Durations are
 * integer nanoseconds. These are the names of the Go package.
 *
 * Returns: (transfer full): the text
 */
char *
process_run_all_result_to_json (ProcessRunAllResult *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  g_return_val_if_fail (PROCESS_IS_RUN_ALL_RESULT (self), NULL);

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "results");
  json_builder_begin_array (builder);
  for (guint i = 0; i < self->results->len; i++)
    _process_run_result_build_json (self->results->pdata[i], builder);
  json_builder_end_array (builder);

  json_builder_set_member_name (builder, "duration");
  json_builder_add_int_value (builder, MIN (self->duration, G_MAXINT64 / 1000) * 1000);
  json_builder_set_member_name (builder, "passed");
  json_builder_add_int_value (builder, self->n_passed);
  json_builder_set_member_name (builder, "failed");
  json_builder_add_int_value (builder, self->n_failed);
  json_builder_set_member_name (builder, "skipped");
  json_builder_add_int_value (builder, self->n_skipped);
  json_builder_end_object (builder);

  root = json_builder_get_root (builder);

  return _process_json_to_string (root, FALSE);
}
