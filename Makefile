.DEFAULT_GOAL := help
help: ## list what can be done
	@echo
