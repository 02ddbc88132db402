/** What the preview of a pull request runs, signed in to Azure. */
import { script } from "./shell";

/**
 * Needs: PULUMI_BACKEND_URL, PULUMI_STACK with the names of stacks, POLICY_PACK, and what AzureCLI@2 adds. A secret variable that the
 * pipeline does not have leaves its macro as it is: then a key of Azure, and no passphrase, encrypts the state.
 */
export const previewStacks = script(`
set -f
command -v pulumi > /dev/null || fail 'This agent has no pulumi: take an image with it, or install it'
[ -n "\${PULUMI_BACKEND_URL:-}" ] || fail 'Set the pipeline variable PULUMI_BACKEND_URL to where the state is, by wheelhouse:preview'
[ -n "\${PULUMI_STACK:-}" ] || fail 'Set the pipeline variable PULUMI_STACK to the stacks to preview, by wheelhouse:preview'
for stack in $PULUMI_STACK; do set -- "$@" --stack "$stack"; done
unset PULUMI_STACK
case \${PULUMI_CONFIG_PASSPHRASE:-} in '$('*) unset PULUMI_CONFIG_PASSPHRASE ;; esac
export ARM_USE_OIDC=true ARM_CLIENT_ID="$servicePrincipalId" ARM_TENANT_ID="$tenantId" ARM_OIDC_TOKEN="$idToken"
ARM_SUBSCRIPTION_ID=$(az account show --query id --output tsv)
export ARM_SUBSCRIPTION_ID
mkdir -p "$work"
npx --no-install wheelhouse preview-comment "$@" --policy-pack "$POLICY_PACK" --artifact "$work/preview.md"
`);
