"""Made worlds in which what texts do is known, written without the estimators that are judged in them."""
