package io.smartedit.worker;

import io.smartedit.editor.options.EditOptions;
import io.smartedit.events.EditRequested;
import io.smartedit.events.EditSettings;
import io.smartedit.events.Priority;
import io.smartedit.events.RequestRules;
import io.smartedit.events.Topics;
import io.smartedit.worker.fair.Lane;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** Where requests stand among others, and what they cost those. */
final class Lanes {

  /** Of whatever a request may say that is refused later. */
  private static final double LEAST = 1;

  private static final double MOST = 1e15;

  private Lanes() {}

  /** The lane of a request: its tenant's, in the class whose topic it lies on. */
  static Lane of(TakenRequest taken) {
    Priority priority =
        switch (Topics.withoutModel(taken.receipt().partition().topic())) {
          case Topics.HIGH -> Priority.HIGH;
          case Topics.BULK -> Priority.BULK;
          default -> Priority.NORMAL;
        };
    String tenant = taken.request().getTenant();
    return new Lane(priority, RequestRules.isName(tenant) ? tenant : Topics.DEFAULT_TENANT);
  }

  /** Device time of a request, in steps times pixels. */
  static ToDoubleFunction<EditRequested> cost(EditOptions defaults) {
    return request -> {
      EditSettings options = request.getOptions();
      double steps = Optional.ofNullable(options.getSteps()).orElse(defaults.steps());
      double size = Optional.ofNullable(options.getSize()).orElse(defaults.size());
      double cost = steps * options.getVariants() * size * size;
      return Math.min(Math.max(cost, LEAST), MOST);
    };
  }
}
