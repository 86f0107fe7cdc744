"""The offerings of an organisation, Shore: programs beside those of Fairway."""
