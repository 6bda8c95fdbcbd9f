"""Pure decisions: policy, rendering, plan."""
